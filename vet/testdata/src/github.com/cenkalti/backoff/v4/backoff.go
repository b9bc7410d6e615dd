// Package backoff has the signatures of github.com/cenkalti/backoff/v4 that the test data uses.
package backoff

type Operation func() error

type BackOff interface{ Reset() }

type ExponentialBackOff struct{}

func (b *ExponentialBackOff) Reset() {}

func NewExponentialBackOff() *ExponentialBackOff { panic("stub") }

func Retry(o Operation, b BackOff) error { panic("stub") }

func Permanent(err error) error { panic("stub") }
