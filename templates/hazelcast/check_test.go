package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/settings"
)

// withCertificate is a cluster that is shown a certificate of that validity.
func withCertificate(name string, from, until time.Time) failover.Cluster {
	leaf := &x509.Certificate{Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: until}
	return failover.Cluster{Name: name, Addresses: []string{name + ":5701"},
		TLS: &tls.Config{ServerName: name, Certificates: []tls.Certificate{{Leaf: leaf}}}}
}

func setupOf(targets ...failover.Cluster) *setup {
	s := &setup{Settings: &settings.Settings{}, targets: targets}
	for _, t := range targets {
		s.Clusters = append(s.Clusters, settings.Cluster{Name: t.Name, Keystore: t.Name + ".keystore", Truststore: t.Name + ".truststore"})
		s.trusted = append(s.trusted, nil)
	}
	return s
}

func TestCheckTellsOfEveryClusterAndItsCertificates(t *testing.T) {
	now := time.Now()
	s := setupOf(withCertificate("a", now.Add(-time.Hour), now.Add(40*24*time.Hour+time.Hour)), failover.Cluster{Name: "b", DiscoveryURL: "https://d"},
		failover.Cluster{Name: "c", DiscoveryURL: "https://d", TLS: &tls.Config{ServerName: "c"}})
	s.trusted[0] = []*x509.Certificate{{Subject: pkix.Name{CommonName: "old"}, NotAfter: time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)}}
	s.Pin = "b"
	var out bytes.Buffer
	if err := check(&out, s, failover.Options{}); err != nil {
		t.Error(err)
	}
	want := `cluster 1: a at a:5701
  client certificate  "CN=a", 40 days left, until ` + now.Add(40*24*time.Hour+time.Hour).UTC().Format(time.DateOnly) + `  a.keystore
  trusted             "CN=old", expired on 2020-01-02  a.truststore
cluster 2: b at https://d
  no TLS: calls and passwords cross the network as plain text
cluster 3: c at https://d
  no client certificate: none is set
pinned to b by FAILOVER_PIN: no other cluster is used
no fault was found; no connection was made
`
	if out.String() != want {
		t.Errorf("it printed\n%s\nwant\n%s", out.String(), want)
	}
}

func TestCheckFindsWhatTheClusterOrTheClientWouldRefuse(t *testing.T) {
	now := time.Now()
	tests := map[string]struct {
		setup *setup
		want  []string
	}{
		"expired": {setupOf(withCertificate("a", now.AddDate(-2, 0, 0), now.AddDate(0, 0, -1)), withCertificate("b", now.AddDate(0, 0, 1), now.AddDate(1, 0, 0))),
			[]string{"cluster 1 (a): a.keystore: the client certificate is valid from ", "renewed one", "cluster 2 (b): b.keystore: "}},
		"one name": {setupOf(failover.Cluster{Name: "a", Addresses: []string{"h:1"}}, failover.Cluster{Name: "a", Addresses: []string{"h:2"}}), []string{`"a"`, "twice"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := check(&out, test.setup, failover.Options{})
			if err == nil || strings.Contains(out.String(), "no fault") {
				t.Fatalf("%v, and it printed\n%s", err, &out)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

// lines is what was logged. A test reads it while the program goes on.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestTheEndOfAClientCertificateIsLoggedAtTheStartAndDaily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(context.Background())
		var log lines
		now := time.Now()
		targets := []failover.Cluster{withCertificate("soon", now, now.Add(30*24*time.Hour-time.Minute)), withCertificate("later", now, now.Add(31*24*time.Hour+time.Hour)), {Name: "plain"}}
		go warnOfExpiry(ctx, targets, slog.New(slog.NewTextHandler(&log, nil)))
		logged := func(days int, want map[string]int) {
			t.Helper()
			time.Sleep(time.Duration(days) * 24 * time.Hour)
			synctest.Wait()
			for cluster, n := range want {
				if got := strings.Count(log.String(), "cluster="+cluster); got != n {
					t.Errorf("day %v: %d lines about %s, want %d:\n%s", time.Since(now), got, cluster, n, &log)
				}
			}
		}
		logged(0, map[string]int{"soon": 1, "later": 0, "plain": 0})
		if text := log.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, "days=29") {
			t.Error(text)
		}
		logged(1, map[string]int{"soon": 2, "later": 0})
		logged(1, map[string]int{"soon": 3, "later": 1})
		stop()
		synctest.Wait()
	})
}
