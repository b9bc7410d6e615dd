// Package backoff has the signatures of github.com/cenkalti/backoff/v5 that the test data uses.
package backoff

import "context"

type Operation[T any] func() (T, error)

type RetryOption func()

func Retry[T any](ctx context.Context, operation Operation[T], opts ...RetryOption) (T, error) {
	panic("stub")
}
