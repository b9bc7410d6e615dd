// Package retry has the signatures of github.com/sethvargo/go-retry that the test data uses.
package retry

import "context"

type RetryFunc func(ctx context.Context) error

type Backoff interface{ Next() }

func NewFibonacci(base int) Backoff { panic("stub") }

func Do(ctx context.Context, b Backoff, f RetryFunc) error { panic("stub") }

func RetryableError(err error) error { panic("stub") }
