package vet

import "testing"

func TestRepeat(t *testing.T) {
	check(t, Repeat, "repeat", "repeat/posts", "repeat/fix", "example.com/orders/repeat")
}
