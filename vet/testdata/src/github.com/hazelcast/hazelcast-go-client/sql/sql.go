// Package sql has the signatures of hazelcast-go-client/sql v1.6.0 that the test data uses.
package sql

import "context"

type Service interface {
	ExecuteStatement(ctx context.Context, stmt Statement) (Result, error)
	Execute(ctx context.Context, query string, params ...interface{}) (Result, error)
}

type Statement struct{ statement string }

func NewStatement(statement string, params ...interface{}) Statement { return Statement{statement} }

type Result interface {
	UpdateCount() int64
	Close() error
}
