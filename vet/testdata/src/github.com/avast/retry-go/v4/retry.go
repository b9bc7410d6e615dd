// Package retry has the signatures of github.com/avast/retry-go/v4 that the test data uses.
package retry

type RetryableFunc func() error

type Option func()

func Attempts(attempts uint) Option { panic("stub") }

func RetryIf(retryIf func(error) bool) Option { panic("stub") }

func Do(retryableFunc RetryableFunc, opts ...Option) error { panic("stub") }
