package bundle

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// saying makes a reader the only one. It takes *.conf for a source and says config.
func saying(t *testing.T, config said.Config) {
	t.Helper()
	before := readers
	t.Cleanup(func() { readers = before })
	readers = []*said.Reader{{
		Form: "conf", Noun: "conf", Looked: "a .conf",
		Source: func(name string) int64 {
			if strings.HasSuffix(name, ".conf") {
				return 100
			}
			return 0
		},
		Beside: func(string) int64 { return 0 },
		Read: func(list []said.File) ([]said.Candidate, fault.List) {
			return []said.Candidate{{Used: true, Configs: []said.Config{config}}}, nil
		},
	}}
}

// spot is line n of the source.
func spot(n int) fault.Position { return fault.Position{File: "a.conf", Line: n, Column: 1} }

// pemFiles is a configuration with the files of the bundle that readPEM reads.
func pemFiles() said.Config {
	named := func(name string, line int) said.Store { return said.Store{File: said.Of(name, spot(line))} }
	return said.Config{At: spot(1), Name: said.Of("pr-1", spot(1)), Addresses: []said.Value{said.Of("a", spot(2))}, TLS: said.TLS{
		CA: named("ca.pem", 3), Cert: named("cert.pem", 4), Key: named("key.pem", 5), ServerName: said.Of("hz", spot(6))}}
}

// readPEM reads a bundle with three PEM files, of which the key is encrypted.
func readPEM(t *testing.T, o Overrides) (*Bundle, error) {
	t.Helper()
	bundle := []txtar.File{{Name: "a.conf", Data: []byte("x")}}
	for _, name := range []string{"ca.pem", "cert.pem", "key.pem"} {
		data, err := os.ReadFile("../../golden/testdata/stores/pr-1234." + name)
		if err != nil {
			t.Fatal(err)
		}
		bundle = append(bundle, txtar.File{Name: name, Data: data})
	}
	return ReadWith(corpus.Dir(t, bundle), o)
}

func TestPEMFilesAreAttached(t *testing.T) {
	config := pemFiles()
	config.TLS.Key.Password = said.Of(corpus.Canary, spot(7))
	config.Notes = []said.Warning{{At: spot(8), Text: "x has no counterpart here"}}
	config.Tuning = map[string]said.Value{"retryTime": said.Of("1s", spot(9)), "retryMax": said.Unknown("a call", spot(10))}
	saying(t, config)
	b, err := readPEM(t, Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	c := b.Clusters[0]
	if c.CA.Inner != "ca.pem" || c.Cert.NamedAt != spot(4) || !strings.Contains(string(c.Key.Data), "DEK-Info") || c.Keystore != nil || c.Truststore != nil {
		t.Errorf("CA %v, certificate %v, key %v", c.CA, c.Cert, c.Key)
	}
	if c.KeyPassword.Reveal() != corpus.Canary || c.KeyPassword.At != spot(7) || c.ServerName != (Value{"hz", spot(6)}) {
		t.Errorf("password at %v, server name %v", c.KeyPassword.At, c.ServerName)
	}
	if !slices.Equal(c.Notes, []string{"a.conf:8:1: x has no counterpart here"}) || len(c.Tuning) != 1 || c.Tuning["retryTime"] != (Value{"1s", spot(9)}) {
		t.Errorf("notes %q, tuning %v", c.Notes, c.Tuning)
	}
	if lacks := b.LacksStores(0, 1); len(lacks) > 0 {
		t.Error(lacks)
	}
}

func TestAnEncryptedKeyNeedsItsPassword(t *testing.T) {
	saying(t, pemFiles())
	_, err := readPEM(t, Overrides{})
	missing := fault.All(err)
	if len(missing) != 1 || missing[0].Position != spot(5) || !strings.HasPrefix(missing[0].Cause, "the key file that is named here is encrypted") {
		t.Fatalf("got %v", err)
	}
	if no, ok := missing[0].Err.(*NoPassword); !ok || no.Store != "key" {
		t.Errorf("the cause is %v", missing[0].Err)
	}
	given := NewSecret("mine", fault.In("FAILOVER_1_KEY_PASSWORD"))
	b, err := readPEM(t, Overrides{Passwords: []Passwords{{Key: given}}})
	if err != nil || b.Clusters[0].KeyPassword != given {
		t.Errorf("got %v, %v", b, err)
	}
}

func TestAPEMFileThatIsNotThereIsNamed(t *testing.T) {
	config := pemFiles()
	config.TLS.CA.File.Text, config.TLS.Key.Password = "other.pem", said.Of("x", spot(7))
	saying(t, config)
	if _, err := readPEM(t, Overrides{}); err == nil || !strings.HasPrefix(err.Error(), "a.conf:3:1: the CA file named here ") || !strings.Contains(err.Error(), "; put the file into the bundle, or") {
		t.Errorf("got %v", err)
	}
}

// A Secret of Kubernetes holds its files itself.
func TestContentOfTheSourceIsTaken(t *testing.T) {
	config := pemFiles()
	config.TLS.CA = said.Store{File: said.Of("a.conf: data.ca", spot(3)), Data: []byte("content")}
	config.TLS.Cert, config.TLS.Key = said.Store{}, said.Store{}
	saying(t, config)
	b, err := readPEM(t, Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	if c := b.Clusters[0]; c.CA.Path != b.Path+"/a.conf: data.ca" || c.CA.Inner != "a.conf: data.ca" || string(c.CA.Data) != "content" || c.CA.NamedAt != spot(3) {
		t.Errorf("got %+v", c.CA)
	}
}

// A declared absence of TLS stands, and a word that turns it on makes stores optional.
func TestDeclaredTLS(t *testing.T) {
	for name, c := range map[string]struct {
		tls      said.TLS
		o        Overrides
		warnings int
		refused  string
	}{
		"nothing said":      {said.TLS{}, Overrides{}, 0, "this client connects without TLS"},
		"off":               {said.TLS{Off: said.Of("false", spot(3))}, Overrides{}, 1, ""},
		"off, files unused": {said.TLS{Off: said.Of("false", spot(3)), CA: said.Store{File: said.Of("none.pem", spot(4))}}, Overrides{}, 1, ""},
		"on":                {said.TLS{On: said.Of("true", spot(3))}, Overrides{}, 0, ""},
		"on, tls: off":      {said.TLS{On: said.Of("true", spot(3))}, Overrides{Fields: []string{"1.tls"}}, 1, "this client connects without TLS"},
		"half a pair":       {said.TLS{Cert: said.Store{File: said.Of("cert.pem", spot(4))}}, Overrides{}, 0, "this client names only one of"},
	} {
		saying(t, said.Config{At: spot(1), Name: said.Of("a", spot(1)), Addresses: []said.Value{said.Of("a", spot(2))}, TLS: c.tls})
		b, err := readPEM(t, c.o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(b.Warnings) != c.warnings || c.warnings > 0 && !strings.HasPrefix(b.Warnings[0], "a.conf:3:1: ") {
			t.Errorf("%s: warnings %q", name, b.Warnings)
		}
		if got := b.LacksStores(0, 1).Error(); c.refused == "" && got != "" || !strings.Contains(got, c.refused) {
			t.Errorf("%s: %q, want %q", name, got, c.refused)
		}
	}
}
