// Package types has the signatures of hazelcast-go-client/types v1.6.0 that the test data uses.
package types

import "time"

type UUID struct{ MostSig, LeastSig uint64 }

type Duration time.Duration

type Entry struct{ Key, Value interface{} }

func NewEntry(key, value interface{}) Entry { return Entry{key, value} }

type IndexConfig struct {
	Name       string
	Attributes []string
}
