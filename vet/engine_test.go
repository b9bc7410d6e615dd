package vet

import "testing"

func TestEngine(t *testing.T) {
	check(t, Engine, "example.com/orders/engine", "example.com/foo/engine")
}
