package main

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
)

// soon is how long before its end a client certificate is warned of.
const soon = 30 * 24 * time.Hour

// check prints which clusters would be used with which certificates, and what
// is wrong with that. It makes no connection.
func check(out io.Writer, s *setup, o failover.Options) error {
	var faults []error
	for i, t := range s.targets {
		members := t.DiscoveryURL
		if members == "" {
			members = strings.Join(t.Addresses, ", ")
		}
		fmt.Fprintf(out, "cluster %d: %s at %s\n", i+1, t.Name, members)
		client := clientCertificate(t)
		switch {
		case t.TLS == nil:
			fmt.Fprintln(out, "  no TLS: calls and passwords cross the network as plain text")
		case client == nil:
			fmt.Fprintln(out, "  no client certificate: none is set")
		default:
			fmt.Fprintf(out, "  client certificate  %s  %s\n", describe(client), cmp.Or(s.Clusters[i].Keystore, s.Clusters[i].Cert))
			if now := time.Now(); now.After(client.NotAfter) || now.Before(client.NotBefore) {
				faults = append(faults, fmt.Errorf("cluster %d (%s): %s: the client certificate is valid from %s to %s only, so the cluster will refuse it; put a renewed one there",
					i+1, t.Name, cmp.Or(s.Clusters[i].Keystore, s.Clusters[i].Cert), day(client.NotBefore), day(client.NotAfter)))
			}
		}
		for _, c := range s.trusted[i] {
			fmt.Fprintf(out, "  trusted             %s  %s\n", describe(c), cmp.Or(s.Clusters[i].Truststore, s.Clusters[i].CA))
		}
	}
	if err := describePin(out, s); err != nil {
		faults = append(faults, err)
	}
	err := errors.Join(append(faults, failover.Check(s.targets, o))...)
	if err == nil {
		fmt.Fprintln(out, "no fault was found; no connection was made")
	}
	return err
}

// clientCertificate is nil for a cluster that is shown none.
func clientCertificate(t failover.Cluster) *x509.Certificate {
	if t.TLS == nil || len(t.TLS.Certificates) == 0 {
		return nil
	}
	return t.TLS.Certificates[0].Leaf
}

func describe(c *x509.Certificate) string {
	if left := time.Until(c.NotAfter); left < 0 {
		return fmt.Sprintf("%q, expired on %s", c.Subject, day(c.NotAfter))
	}
	return fmt.Sprintf("%q, %d days left, until %s", c.Subject, daysLeft(c), day(c.NotAfter))
}

func daysLeft(c *x509.Certificate) int { return int(time.Until(c.NotAfter) / (24 * time.Hour)) }
func day(t time.Time) string           { return t.UTC().Format(time.DateOnly) }

// warnOfExpiry logs the client certificates that end soon, at once and then daily
// until ctx ends. The program reads its stores only when it starts.
func warnOfExpiry(ctx context.Context, targets []failover.Cluster, log *slog.Logger) {
	daily := time.NewTicker(24 * time.Hour)
	defer daily.Stop()
	for {
		for _, t := range targets {
			if c := clientCertificate(t); c != nil && time.Until(c.NotAfter) < soon {
				log.Warn("a client certificate ends soon or has ended; renew it and start the program again",
					"cluster", t.Name, "until", day(c.NotAfter), "days", daysLeft(c))
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-daily.C:
		}
	}
}
