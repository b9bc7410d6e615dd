package vet

import "testing"

func TestRepeat(t *testing.T) {
	catalogue(t, Repeat, "repeat", "repeat/posts", "example.com/orders/repeat")
	fixes(t, Repeat, "repeat/fix")
}
