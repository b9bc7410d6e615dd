package inspect

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"flag"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/storefile"
)

var update = flag.Bool("update", false, "write what was got into testdata")

// now is the clock of all tests: the committed stores were made on the day before.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var options = Options{Now: now, ExpiresWithin: Month}

const password = "storepass1"

// corpus returns a committed store of package keystore.
func corpus(t *testing.T, file string) []byte {
	t.Helper()
	data, err := storefile.ReadFile(filepath.Join("../../keystore/testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// golden compares got with a committed file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s (go test -update records it):\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

// sample is a bundle of two clusters, one with a store whose password is wrong.
func sample(t *testing.T) *bundle.Bundle {
	t.Helper()
	at := fault.Position{File: "two.zip!src/main/java/Client.java", Line: 12, Column: 40}
	store := func(inner, file string) *bundle.Store {
		return &bundle.Store{Path: "two.zip!" + inner, Inner: inner, Data: corpus(t, file), NamedAt: at}
	}
	return &bundle.Bundle{Path: "two.zip", Form: "java", Warnings: []string{"two.zip!pom.xml:3:1: an odd line"}, Clusters: []bundle.Cluster{
		{
			Name: bundle.Value{Text: "pr-1234"}, DiscoveryURL: bundle.Value{Text: "https://discovery.example"}, Token: bundle.NewSecret("the-token", at),
			Keystore: store("src/main/resources/client.keystore", "p12legacy-chain.keystore"), Truststore: store("src/main/resources/client.truststore", "jks-trust2.truststore"),
			KeystorePassword: bundle.NewSecret(password, at), TruststorePassword: bundle.NewSecret(password, at),
		},
		{
			Name: bundle.Value{Text: "pr-5678"}, Username: bundle.Value{Text: "app"}, Password: bundle.NewSecret("the-user's", at), Addresses: []bundle.Value{{Text: "10.0.0.1:5701"}, {Text: "10.0.0.2:5701"}},
			Keystore: store("src/main/resources/client2.keystore", "jks-diffpass.keystore"), Truststore: store("src/main/resources/client2.truststore", "p12-trust1.truststore"),
			KeystorePassword: bundle.NewSecret(password, at), KeyPassword: bundle.NewSecret("keypass22", at), TruststorePassword: bundle.NewSecret("not-the-password", at),
		},
	}}
}

func TestBundleReport(t *testing.T) {
	report, err := Bundle(sample(t), options)
	faults := fault.All(err)
	if len(faults) != 1 || fault.ExitCode(err) != 2 || faults[0].File != "two.zip!src/main/resources/client2.truststore" ||
		!strings.Contains(faults[0].Cause, "Client.java:12:40") {
		t.Errorf("faults %v, want one of kind Input about client2.truststore and where its password stands", err)
	}
	findings := report.Findings()
	if len(findings) != 2 || fault.ExitCode(findings) != 1 || findings[0].Error() != "two.zip!pom.xml:3:1: an odd line; --strict takes a warning for an error" ||
		!strings.HasPrefix(findings[1].Error(), "two.zip: the bundle sets up 2 clusters") {
		t.Errorf("findings %v, want the odd line and the number of clusters: the truststore is an error already", findings)
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "bundle.json", string(text)+"\n")
	golden(t, "bundle.txt", report.Text())
	for _, secret := range []string{password, "keypass22", "not-the-password", "the-token", "the-user's"} {
		if strings.Contains(string(text)+report.Text()+faults.Error(), secret) {
			t.Errorf("the report holds the secret %q", secret)
		}
	}
}

func TestSingleStores(t *testing.T) {
	for _, file := range []string{"p12-chain.keystore", "jks-chain.keystore", "p12-trust1.truststore", "p12-openssl-mac384.keystore", "hostile-p12-pbmac1-valid",
		"p12-nomac-encrkey.keystore", "p12-weak-rsa1024-sha1.keystore", "p12-expired.keystore", "jks-multi2keys.keystore", "jks-alias-unicode.keystore"} {
		t.Run(file, func(t *testing.T) {
			report, err := Keystore(file, corpus(t, file), password, "", options)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, file+".txt", report.Text())
		})
	}
}

func TestASingleStoreHasTheKeystoreForm(t *testing.T) {
	for file, wantKeys := range map[string]bool{"p12-ec256.keystore": true, "p12-trust1.truststore": false} {
		report, err := Keystore(file, corpus(t, file), password, "", options)
		if err != nil || report.Form != "keystore" || len(report.Clusters) != 1 || (report.Clusters[0].Keystore != nil) != wantKeys || (report.Clusters[0].Truststore != nil) == wantKeys {
			t.Errorf("%s: %+v, %v", file, report, err)
		}
		text, err := json.Marshal(report)
		if err != nil || !strings.HasSuffix(string(text), `"warnings":[]}`) || strings.Contains(string(text), "discovery") {
			t.Errorf("%s: %s, %v", file, text, err)
		}
	}
}

func TestUnreadableStoresAreReportedAndFail(t *testing.T) {
	for file, cause := range map[string]string{"bks.keystore": "Bouncy Castle", "empty.keystore": "empty", "bad-p12-rsa2048-half.keystore": "cut off", "jks-diffpass.keystore": "key password"} {
		report, err := Keystore("dir/"+file, corpus(t, file), password, "", options)
		if fault.ExitCode(err) != 2 || !strings.Contains(err.Error(), cause) || !strings.HasPrefix(err.Error(), "dir/"+file+": ") {
			t.Errorf("%s: error %v", file, err)
		}
		var refused *storefile.Error
		if !errors.As(err, &refused) {
			t.Errorf("%s: the cause is hidden", file)
		}
		if len(report.Warnings) != 1 || !strings.HasPrefix(report.Warnings[0], file+": ") || !strings.Contains(report.Warnings[0], cause) {
			t.Errorf("%s: warnings %q", file, report.Warnings)
		}
	}
}

// issue makes a certificate that is valid for a year around now. As a plain one
// it is neither an authority nor a server.
func issue(t *testing.T, parent *pki.Pair, change func(*x509.Certificate)) *pki.Pair {
	t.Helper()
	template := x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "x"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0), BasicConstraintsValid: true}
	change(&template)
	pair, err := pki.Issue(parent, pki.EC, template)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func keys(t *testing.T, pair *pki.Pair, issuers ...*x509.Certificate) []byte {
	t.Helper()
	data, err := pki.Quick.Keystore("", password, pair, issuers...)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func trust(t *testing.T, certs ...*x509.Certificate) []byte {
	t.Helper()
	data, err := pki.Quick.Truststore(password, certs...)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWarnings(t *testing.T) {
	plain := func(*x509.Certificate) {}
	until := func(left time.Duration) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.NotAfter = now.Add(left) }
	}
	const day = 24 * time.Hour
	root := issue(t, nil, func(c *x509.Certificate) { c.Subject.CommonName, c.IsCA = "root", true })
	dying := issue(t, root, func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.NotAfter = "dying", true, now.Add(3*day)
	})
	first, second := issue(t, nil, plain), issue(t, nil, plain)
	serverOnly := issue(t, nil, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	clientOnly := issue(t, root, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	notACA := issue(t, nil, func(c *x509.Certificate) { c.Subject.CommonName, c.BasicConstraintsValid = "not a CA", false })
	child := issue(t, notACA, func(c *x509.Certificate) { c.Subject.CommonName = "child" })
	self := func(change func(*x509.Certificate)) []byte {
		one := issue(t, nil, change)
		return keys(t, one)
	}
	for _, c := range []struct {
		name string
		data []byte
		want []string // a part of each warning
	}{
		{"a year left", self(plain), nil},
		{"31 days left", self(until(31 * day)), nil},
		{"12 days left", self(until(12*day + time.Hour)), []string{"s.p12: certificate expires in 12 days (2026-12-04)"}},
		{"a day left", self(until(day + time.Hour)), []string{"s.p12: certificate expires in 1 day (2026-11-23)"}},
		{"expired", self(until(-2*day - time.Hour)), []string{"s.p12: certificate expired 2 days ago (2026-11-20)"}},
		{"not yet valid", self(func(c *x509.Certificate) { c.NotBefore = now.Add(3*day - time.Hour) }), []string{"s.p12: certificate is not valid yet, only in 3 days (2026-11-25)"}},
		{"an issuer expires", func() []byte {
			client := issue(t, dying, plain)
			return keys(t, client, dying.Cert, root.Cert)
		}(), []string{`s.p12: issuer "CN=dying" expires in 3 days`}},
		{"client authentication", keys(t, clientOnly, root.Cert), nil},
		{"server authentication only", keys(t, serverOnly), []string{"does not verify for client authentication"}},
		{"signed by what is not an authority", keys(t, child, notACA.Cert), []string{"does not verify for client authentication"}},
		{"another's key", keys(t, &pki.Pair{Cert: second.Cert, Key: first.Key}), []string{`does not match its certificate`}},
		{"trusted authority", trust(t, root.Cert), nil},
		{"trusted server with a name", trust(t, issue(t, nil, func(c *x509.Certificate) { c.DNSNames = []string{"hazelcast.cloud"} }).Cert), nil},
		{"trusted server by CN only", trust(t, issue(t, nil, plain).Cert), []string{"Go cannot use the certificate: it is not an authority, and it names its server only as CN"}},
		{"unmarked authority", trust(t, notACA.Cert), []string{"Go cannot use the certificate"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, err := Keystore("s.p12", c.data, password, "", options)
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Warnings) != len(c.want) {
				t.Fatalf("warnings %q, want %q", report.Warnings, c.want)
			}
			for i, want := range c.want {
				if !strings.Contains(report.Warnings[i], want) {
					t.Errorf("warning %q, want %q", report.Warnings[i], want)
				}
			}
		})
	}
}

func TestWarningsNameTheEntryAmongSeveral(t *testing.T) {
	one := issue(t, nil, func(c *x509.Certificate) { c.Subject.CommonName, c.IsCA, c.NotAfter = "one", true, now.Add(time.Hour) })
	two := issue(t, nil, func(c *x509.Certificate) { c.Subject.CommonName, c.IsCA = "two", true })
	report, err := Keystore("s.p12", trust(t, one.Cert, two.Cert), password, "", options)
	if want := []string{`s.p12: certificate of "CN=one" expires in less than a day (2026-11-22)`}; err != nil || !slices.Equal(report.Warnings, want) {
		t.Errorf("warnings %q, %v, want %q", report.Warnings, err, want)
	}
}

func TestSwappedStoresOfABundle(t *testing.T) {
	b := sample(t)
	c := &b.Clusters[0]
	c.Keystore.Data, c.Truststore.Data = c.Truststore.Data, c.Keystore.Data
	b.Clusters, b.Warnings = b.Clusters[:1], nil
	report, err := Bundle(b, options)
	if err != nil || len(report.Warnings) != 1 || !strings.HasPrefix(report.Warnings[0], "generate refuses: two.zip!src/main/resources/client.keystore: keystore and truststore are swapped") {
		t.Errorf("warnings %q, %v, want the stores named as swapped", report.Warnings, err)
	}
}

// TestBundlesTogether reports two bundles whose clusters are the same, or share stores.
func TestBundlesTogether(t *testing.T) {
	one := func(path, name, token string) *bundle.Bundle {
		b := sample(t)
		b.Path, b.Clusters, b.Warnings = path, b.Clusters[:1], nil
		c := &b.Clusters[0]
		c.Name.Text, c.Token = name, bundle.NewSecret(token, c.Token.At)
		c.Keystore.Path, c.Truststore.Path = path+"!client.keystore", path+"!client.truststore"
		return b
	}
	otherStores := func(b *bundle.Bundle) *bundle.Bundle {
		key, authority := issue(t, nil, func(*x509.Certificate) {}), issue(t, nil, func(c *x509.Certificate) { c.IsCA = true })
		b.Clusters[0].Keystore.Data, b.Clusters[0].Truststore.Data = keys(t, key), trust(t, authority.Cert)
		return b
	}
	const shared = "b.zip!client.keystore: clusters 1 and 2 have the same client key, which is also in a.zip!client.keystore; if each cluster has its own, as in the cloud, fetch this bundle from the console again"
	for name, c := range map[string]struct {
		second *bundle.Bundle
		want   []string
	}{
		"nothing in common": {otherStores(one("b.zip", "pr-2", "t2")), nil},
		"same stores":       {one("b.zip", "pr-2", "t2"), []string{shared, "b.zip!client.truststore: clusters 1 and 2 have the same truststore, which is also in a.zip!client.truststore"}},
		"same name":         {otherStores(one("b.zip", "pr-1", "t2")), []string{`generate refuses: b.zip: clusters 1 and 2 are the same: both have the name "pr-1" (a.zip and b.zip)`}},
		"same token":        {otherStores(one("b.zip", "pr-2", "t1")), []string{"generate refuses: b.zip: clusters 1 and 2 are the same: both have the same discovery token"}},
	} {
		var reports []Report
		for _, b := range []*bundle.Bundle{one("a.zip", "pr-1", "t1"), c.second} {
			report, err := Bundle(b, options)
			if err != nil {
				t.Fatal(err)
			}
			reports = append(reports, report)
		}
		Together(reports)
		got := reports[1].Warnings
		if len(reports[0].Warnings) > 0 || len(got) != len(c.want) || len(reports[1].Findings()) != len(c.want) {
			t.Errorf("%s: warnings %q and %q, want %q", name, reports[0].Warnings, got, c.want)
			continue
		}
		for i, want := range c.want {
			if !strings.HasPrefix(got[i], want) {
				t.Errorf("%s: warning %q, want %q", name, got[i], want)
			}
		}
	}
}

func TestTextCannotSteerTheTerminal(t *testing.T) {
	evil := issue(t, nil, func(c *x509.Certificate) { c.Subject.CommonName = "a\x1b[2Jb\nwarnings\u202e" })
	report, err := Keystore("s\x1b.p12", keys(t, evil), password, "", options)
	if err != nil {
		t.Fatal(err)
	}
	if text := report.Text(); strings.ContainsAny(text, "\x1b\u202e") || strings.Contains(text, "\nwarnings") {
		t.Errorf("%q", text)
	}
}

// TestJSONHoldsAllThatTheTextHolds looks up every word of the text in the JSON,
// but for the text's own labels.
func TestJSONHoldsAllThatTheTextHolds(t *testing.T) {
	report, _ := Bundle(sample(t), options)
	document, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	labels := strings.Fields("cluster discovery addresses user name valid to sha256 warnings cannot be opened see the error")
	for _, word := range strings.FieldsFunc(report.Text(), func(r rune) bool { return strings.ContainsRune(" \n,()\"", r) }) {
		word = strings.TrimSuffix(word, ":")
		if _, err := time.Parse(time.RFC3339, word); err == nil {
			word = strings.TrimSuffix(word, "Z") // the JSON has fractions of a second
		}
		if !slices.Contains(labels, word) && !strings.Contains(string(document), word) {
			t.Errorf("%q is in the text and not in the JSON", word)
		}
	}
}
