package vet

import "testing"

func TestStale(t *testing.T) {
	check(t, Stale, "stale", "example.com/orders/stale")
}
