package vet

import "testing"

func TestUnbounded(t *testing.T) {
	catalogue(t, Unbounded, "unbounded", "unbounded/handlers", "unbounded/timed", "example.com/orders/unbounded")
	fixes(t, Unbounded, "unbounded/fix")
}
