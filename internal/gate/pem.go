package gate

import (
	"errors"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/keystore/pemfile"
)

// openPEM opens the PEM files of a cluster with the code that the project gets, and
// takes from them what the client will take.
func (s *Stores) openPEM(c *Cluster) (faults fault.List) {
	if c.Said.CA != nil {
		trusted, err := pemfile.Certificates(c.Said.CA.Data)
		if err != nil {
			faults = append(faults, pemFault(c.Said.CA, err, bundle.Secret{}))
		}
		s.keepTrusted(trusted)
	}
	if c.Said.Cert != nil && c.Said.Key != nil {
		pair, err := pemfile.Pair(c.Said.Cert.Data, c.Said.Key.Data, c.Said.KeyPassword.Reveal())
		var e *pemfile.Error
		switch {
		case err == nil:
			s.keepKey(pair.Leaf)
		case errors.As(err, &e) && e.Key:
			faults = append(faults, pemFault(c.Said.Key, err, c.Said.KeyPassword))
		default:
			faults = append(faults, pemFault(c.Said.Cert, err, bundle.Secret{}))
		}
	}
	return faults
}

// pemFault adds to an error about a PEM file which one it is, and where its password
// came from.
func pemFault(file *bundle.Store, err error, password bundle.Secret) *fault.Fault {
	f := fault.Wrap(fault.Input, fault.In(file.Path), err.Error(), "", err)
	if e := (*pemfile.Error)(nil); errors.As(err, &e) {
		f.Cause, f.Remedy = e.Cause, e.Remedy
		if e.Password && password.Present() {
			f.Cause += " (the password is from " + password.At.String() + ")"
		}
	}
	return f
}
