// Package kind is what every kind of project is asked for and what it gives. Each
// kind lives in a package of its own beside this one and knows what its sources,
// secrets and templates are; package generate knows none of that.
package kind

import (
	"context"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/templates"
)

// Request is what a project is to be made from.
type Request struct {
	Spec *spec.Spec
	// Sources are the paths of the files that the spec names (spec.Spec.Sources), as
	// the user would write them.
	Sources []string
	// Lock is that of the project so far, nil if there is none. What it says of a
	// source stands in for the source where that is not there.
	Lock *spec.Lock
	// LockOnly says not to look for the sources: what Lock says of them counts.
	LockOnly bool
	// Passwords are those of the stores, by source, that the user gives beside the
	// sources; it may be shorter than Sources.
	Passwords []bundle.Passwords
	// Tune says to take the times that the sources say, because the project is new.
	Tune bool
	// InSpec says where the spec names the n-th source, counted from 0; nil where
	// flags name them.
	InSpec func(n int) fault.Position
}

// Maker makes what depends on the kind. It reads the sources and writes nothing.
// Its error is a fault.List of all that is wrong with them.
type Maker func(context.Context, *Request) (*Made, error)

// Made is what depends on the kind of a project.
type Made struct {
	// Spec is the request's, with the times that the sources say if that was asked for.
	// It is nil where the request's stays as it is.
	Spec *spec.Spec
	// Values are what the templates of the kind see.
	Values any
	// Scaffolded lists the files that are the user's to edit.
	Scaffolded []string
	Secrets    []tree.Value
	Moves      tree.Moves
	// Locked is the part of the lock that says what the sources said.
	Locked spec.Lock
	// Choice is what the project has that others of its kind lack.
	Choice templates.Choice
	// Clusters are nil for kinds that have none.
	Clusters []Cluster
	// Summary is what a user is told of a new project, one line each.
	Summary []string
	// Warnings are odd but usable, one line each.
	Warnings []string
	// Notes are what the user has to know or do besides, one line each.
	Notes []string
}

// Cluster is what a user is told of a cluster, in order of preference.
type Cluster struct {
	Name  string
	Files []string // of its stores, inside the project
}
