package spec

import (
	"strings"
	"testing"
)

func TestTLSCanOnlyBeDeclaredOff(t *testing.T) {
	const head = "version: 1\nmodule: example.com/orders\nclusters:\n  - bundle: a.zip\n  - bundle: b.zip\n    tls: "
	s, err := Parse("failover.yaml", []byte(head+"off\n"))
	if err != nil || s.Clusters[1].TLS != TLSOff || s.Clusters[0].TLS != "" {
		t.Fatalf("%+v, %v", s, err)
	}
	if text := string(s.Marshal()); !strings.Contains(text, "    tls: \"off\"") && !strings.Contains(text, "    tls: off") {
		t.Errorf("marshalled as %s", text)
	}
	again, err := Parse("failover.yaml", s.Marshal())
	if err != nil || !again.Equal(s) {
		t.Errorf("what is written is not read as the same: %v", err)
	}
	if got := s.Clusters[1].Overridden(); len(got) != 1 || got[0] != "tls" {
		t.Errorf("overridden: %q", got)
	}
	plain := *s
	plain.Clusters = append([]Cluster(nil), s.Clusters...)
	plain.Clusters[1].TLS = ""
	if plain.Equal(s) || plain.Digest() == s.Digest() {
		t.Error("with and without TLS are taken for the same")
	}
	for value, want := range map[string]string{
		"on": `failover.yaml:6:10: tls: "on" is not possible here; say off`, "\"OFF\"": `failover.yaml:6:10: tls: "OFF" is not possible here; say off`,
		"": "failover.yaml:6:9: tls is empty where a text belongs", "false": "failover.yaml:6:10: tls is the truth value false",
	} {
		if _, err := Parse("failover.yaml", []byte(head+value+"\n")); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("tls: %s: got %v, want %s", value, err, want)
		}
	}
}

// TestTheDigestOfOlderProjectsStays holds the digest of a spec without tls: a new
// key must not make every project look changed.
func TestTheDigestOfOlderProjectsStays(t *testing.T) {
	s := Default()
	s.Module, s.Clusters = "example.com/orders", []Cluster{{Bundle: "a.zip"}, {Bundle: "b.zip"}}
	if got, want := s.Digest(), "36972b6792a806a6c91fe26e2835df4905972054748f49dc6e104bec0d8fd6d9"; got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}
