package main

import (
	"crypto/x509"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/registry"
)

// check prints where the endpoints are and how calls fail over, and what is wrong
// with that. It makes no connection.
func check(out io.Writer, s *setup, o failover.Options) error {
	if len(s.Endpoints) > 0 {
		for i, url := range s.Endpoints {
			fmt.Fprintf(out, "endpoint %d: %s\n", i+1, url)
		}
	} else {
		fmt.Fprintf(out, "registry: %s at %s\n", strings.Trim(s.Path, "/"), strings.Join(s.Addresses, ", "))
		if err := s.checkRegistry(out); err != nil {
			return err
		}
		if err := registry.Check(s.registry); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "calls: select %s, replay %s, next endpoint after %s\n", o.Select, o.Replay, strings.Join(o.Exceptions, ", "))
	if err := failover.Check(o); err != nil {
		return err
	}
	fmt.Fprintln(out, "no fault was found; no connection was made")
	return nil
}

// checkRegistry prints how the registry is connected to.
func (s *setup) checkRegistry(out io.Writer) error {
	if s.User != "" {
		fmt.Fprintf(out, "  user %s, with a password\n", s.User)
	}
	if s.registry.TLS == nil {
		fmt.Fprintln(out, "  no TLS: what is read crosses the network as plain text, and so does a password")
		return nil
	}
	trusts := "the authorities of this system"
	if s.CA != "" {
		trusts = s.CA
	}
	fmt.Fprintf(out, "  TLS, trusts %s\n", trusts)
	for _, pair := range s.registry.TLS.Certificates {
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			return fmt.Errorf("%s: %w; name a PEM file with a certificate", s.Cert, err)
		}
		left, until := time.Until(leaf.NotAfter), leaf.NotAfter.UTC().Format(time.DateOnly)
		if left < 0 {
			return fmt.Errorf("%s: the client certificate expired on %s, so the registry will refuse it; put a renewed one there", s.Cert, until)
		}
		fmt.Fprintf(out, "  client certificate %q, %d days left, until %s\n", leaf.Subject, int(left/(24*time.Hour)), until)
	}
	return nil
}
