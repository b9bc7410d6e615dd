package vet

import "testing"

func TestFatalStart(t *testing.T) {
	check(t, FatalStart, "fatalstart", "fatalstart/limited", "fatalstart/failover", "fatalstart/given", "fatalstart/fix", "example.com/orders/fatalstart")
}
