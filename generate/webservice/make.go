// Package webservice makes what depends on the kind of a project whose client calls
// a web service with several endpoints: from the spec, and the Spring or Blueprint
// file that it may name, to the values of the templates, the secret, and what the
// lock keeps.
package webservice

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/generate/kind"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/templates"
)

// scaffolded lists the files that are the user's to edit.
var scaffolded = []string{"main.go", "health.go", "calls.go", "calls_test.go", "server/main.go", "server/soap.go", "README.md", ".gitignore", ".gitattributes", "Dockerfile", ".dockerignore"}

const (
	// password names the only secret, in the lock; passwordKey is its key in .env.
	password    = "PASSWORD"
	passwordKey = "FAILOVER_REGISTRY_PASSWORD"
)

// values is what the templates see of a project. The password is not in it.
type values struct {
	Module, Package string
	Registry        spec.Registry
	Calls           spec.Calls
}

// Folder is the last element of the module path.
func (v values) Folder() string { return path.Base(v.Module) }

// Make implements kind.Maker.
func Make(_ context.Context, r *kind.Request) (*kind.Made, error) {
	from, err := readSource(r)
	if err != nil {
		return nil, err
	}
	settled := r.Spec.Webservice.Settled(from.locked.Said())
	isStatic := settled.Registry.Type == spec.RegistryStatic
	if !isStatic && settled.Registry.FabricPath == "" {
		return nil, fault.List{fault.New(fault.Input, from.at, "nothing says under which path the registry lists the endpoints", "give it with --fabric-path, or as fabricPath in "+spec.FileName)}
	}
	warnings, err := checkExceptions(r.Spec, settled.Calls, from)
	if err != nil {
		return nil, err
	}
	hasPassword := slices.Contains(from.locked.Secrets, password) && !isStatic
	made := &kind.Made{
		Values:     values{Module: r.Spec.Module, Package: r.Spec.PackageName(), Registry: settled.Registry, Calls: settled.Calls},
		Scaffolded: scaffolded, Choice: templates.Choice{Options: r.Spec.Options()}, Locked: spec.Lock{Webservice: from.locked}, Summary: summary(settled.Registry),
		Warnings: append(from.warnings, warnings...), Notes: from.notes,
	}
	writes := r.Spec.Secrets != spec.SecretsNone
	switch had := r.Lock != nil && r.Lock.Webservice != nil && slices.Contains(r.Lock.Webservice.Secrets, password); {
	case hasPassword && writes:
		made.Secrets = []tree.Value{{Path: tree.Dotenv, Key: passwordKey, Data: []byte(from.password.Reveal()), Group: "registry", Unknown: from.fromLock}}
	case !hasPassword && had:
		made.Moves.Gone = []tree.Gone{{Name: "the registry's user", Prefix: passwordKey}}
	case !hasPassword && settled.Registry.User != "":
		made.Notes = append(made.Notes, fmt.Sprintf("the registry's user %s needs a password: set %s in .env or in the environment", settled.Registry.User, passwordKey))
	}
	return made, nil
}

// Settled returns what a project has compiled in, from its spec and its lock.
func Settled(s *spec.Spec, l *spec.Lock) spec.Webservice {
	said := spec.Webservice{}
	if l.Webservice != nil {
		said = l.Webservice.Said()
	}
	return s.Webservice.Settled(said)
}

// summary says where the endpoints are.
func summary(r spec.Registry) (lines []string) {
	if r.Type != spec.RegistryStatic {
		return []string{fmt.Sprintf("registry   %s at %s", r.FabricPath, strings.Join(r.Addresses, ", "))}
	}
	for i, e := range r.Endpoints {
		lines = append(lines, fmt.Sprintf("endpoint %d  %s", i+1, e))
	}
	return lines
}
