package vet

import "testing"

func TestDropped(t *testing.T) {
	catalogue(t, Dropped, "dropped", "example.com/orders/dropped")
	fixes(t, Dropped, "dropped/fix")
}
