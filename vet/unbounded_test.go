package vet

import "testing"

func TestUnbounded(t *testing.T) {
	check(t, Unbounded, "unbounded", "unbounded/fix", "unbounded/handlers", "unbounded/timed", "example.com/orders/unbounded")
}
