package vet

import "testing"

func TestFatalStart(t *testing.T) {
	catalogue(t, FatalStart, "fatalstart", "fatalstart/limited", "fatalstart/failover", "example.com/orders/fatalstart")
	fixes(t, FatalStart, "fatalstart/fix")
}
