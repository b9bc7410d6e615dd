package vet

import "testing"

func TestInsecure(t *testing.T) {
	check(t, Insecure, "insecure", "example.com/orders/insecure", "example.com/foo/insecure")
}
