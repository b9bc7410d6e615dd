package vet

import "testing"

func TestDropped(t *testing.T) {
	check(t, Dropped, "dropped", "dropped/fix", "dropped/program", "dropped/testutil", "dropped/helpers", "example.com/orders/dropped")
}
