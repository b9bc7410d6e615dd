package vet

import "testing"

func TestDropped(t *testing.T) {
	check(t, Dropped, "dropped", "dropped/fix", "example.com/orders/dropped")
}
