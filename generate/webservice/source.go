package webservice

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/failover-gen/failover-gen/generate/kind"
	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// source is what the XML file says: itself, or by the lock.
type source struct {
	at       fault.Position // of the file, or of what names it
	locked   *spec.LockWebservice
	password bundle.Secret
	listed   []bundle.Value // the exceptions, where the file itself was read
	fromLock bool
	warnings []string
	notes    []string
}

// readSource reads the XML file that the spec names. Where it is not there, the
// lock of the project stands in for it. A spec without a file says everything.
func readSource(r *kind.Request) (source, error) {
	if len(r.Sources) == 0 {
		return source{at: fault.In(spec.FileName), locked: &spec.LockWebservice{Secrets: []string{}}}, nil
	}
	path := r.Sources[0]
	if _, err := os.Lstat(path); r.LockOnly || errors.Is(err, fs.ErrNotExist) && r.InSpec != nil {
		return fromLock(r)
	}
	overridden := r.Spec.Webservice.Overridden()
	if r.Spec.Webservice.Registry.Type == spec.RegistryStatic { // where the XML's registry is does not matter
		overridden = append(overridden, "fabricPath", "addresses")
	}
	b, err := bundle.ReadWith(path, bundle.Overrides{Fields: overridden})
	if err != nil {
		return source{}, err
	}
	if b.Registry == nil {
		return source{}, fault.New(fault.Input, fault.In(b.Path), "sets up Hazelcast clusters, and no failover of a web service", "give the Spring or Blueprint file with the FabricFailOverFeature, or take it as the bundle of a project of kind "+spec.KindHazelcast)
	}
	said := b.Registry.Said()
	said.Bundle = r.Spec.Webservice.Bundle
	s := source{at: b.Registry.At, locked: spec.LockSaid(said), password: b.Registry.Password, listed: b.Registry.Exceptions, warnings: append(b.Warnings, b.Registry.NoEffect...)}
	s.locked.Address, s.locked.ServiceClass = b.Registry.Address.Text, b.Registry.ServiceClass.Text
	if s.password.Present() {
		s.locked.Secrets = append(s.locked.Secrets, password)
	}
	return s, nil
}

// fromLock takes what the lock says of the file.
func fromLock(r *kind.Request) (source, error) {
	at, named := r.InSpec(0), r.Spec.Webservice.Bundle
	cause := fmt.Sprintf("the bundle %s does not exist", named)
	if r.LockOnly {
		cause = fmt.Sprintf("the bundle %s is not looked for", named)
	}
	switch {
	case r.Lock == nil || r.Lock.Webservice == nil:
		return source{}, fault.New(fault.Input, at, cause, "correct the path here, or put the file there")
	case r.Lock.Webservice.Bundle != named:
		return source{}, fault.New(fault.Input, at, cause+", and "+spec.LockName+" does not know it", "correct the path here, or put the file there")
	}
	s := source{at: at, locked: r.Lock.Webservice, fromLock: true}
	if !r.LockOnly {
		s.notes = []string{fmt.Sprintf("the bundle %s, relative to %s, is not there, so %s says what it was", named, spec.FileName, spec.LockName)}
	}
	return s, nil
}
