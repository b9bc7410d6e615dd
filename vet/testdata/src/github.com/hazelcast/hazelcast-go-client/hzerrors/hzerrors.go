// Package hzerrors has the errors of hazelcast-go-client/hzerrors v1.6.0 that the test data uses.
package hzerrors

import "errors"

var (
	ErrRetryableIO        = errors.New("retryable io error")
	ErrTargetDisconnected = errors.New("target disconnected error")
	ErrClientNotActive    = errors.New("client not active error")
	ErrClientOffline      = errors.New("client offline error")
	ErrIO                 = errors.New("io error")
	ErrOperationTimeout   = errors.New("operation timeout error")
	ErrTimeout            = errors.New("timeout error")
)
