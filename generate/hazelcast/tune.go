package hazelcast

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"path"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/storefile"
)

// tunable are the keys of failover.yaml that a source can say, in the order of the file.
var tunable = []string{"connectTimeout", "retryTime", "retryMax"}

// tune gives the spec the times that the sources say, and a note for each. Where
// several do, the first cluster counts.
func tune(s *spec.Spec, sources []source) (*spec.Spec, []string) {
	tuned, taken := *s, make(map[string]bundle.Value)
	var refused []string
	for _, key := range tunable {
		for i := range sources {
			v, ok := sources[i].cluster().Tuning[key]
			first, have := taken[key]
			switch {
			case !ok || v.Text == first.Text:
			case have:
				refused = append(refused, fmt.Sprintf("%s: %s would be %s for this cluster, but there is one for all clusters: %s, as at %s", v.At, key, v.Text, first.Text, first.At))
			default:
				if f := tuned.Set(key, v.Text); f != nil {
					refused = append(refused, fmt.Sprintf("%s: %s cannot be %s in %s: %s", v.At, key, v.Text, spec.FileName, f.Cause))
				} else {
					taken[key] = v
				}
			}
		}
	}
	pauses := tuned.Failover.RetryMax >= tuned.Failover.RetryTime
	if !pauses {
		tuned.Failover.RetryTime, tuned.Failover.RetryMax = s.Failover.RetryTime, s.Failover.RetryMax
	}
	var notes []string
	for _, key := range tunable {
		v, ok := taken[key]
		switch {
		case !ok:
		case !pauses && strings.HasPrefix(key, "retry"):
			notes = append(notes, fmt.Sprintf("%s: %s cannot be %s in %s: retryMax would be less than retryTime", v.At, key, v.Text, spec.FileName))
		default:
			notes = append(notes, fmt.Sprintf("%s: %s is %s in %s, as here", v.At, key, v.Text, spec.FileName))
		}
	}
	return &tuned, append(notes, refused...)
}

// trustChain gives a cluster whose source names a keystore and, on purpose, nothing to
// trust, the certificates that stand behind the client's in the keystore, as .NET's
// client.pfx has them. A keystore that does not open is refused later.
func (s *source) trustChain(alias string) {
	c := s.cluster()
	if c.Keystore == nil || c.Truststore != nil || c.CA != nil || c.TLS.Text == "" {
		return
	}
	opened, err := storefile.Decode(c.Keystore.Data, c.KeystorePassword.Reveal(), c.KeyPassword.Reveal())
	if err != nil {
		return
	}
	pair, err := opened.KeyPair(alias)
	if err != nil {
		return
	}
	name := path.Base(c.Keystore.Inner)
	if len(pair.Certificate) < 2 {
		s.notes = append(s.notes, fmt.Sprintf("%s: the source names no certificates to trust, and %s holds none beside the client's own, so the system's roots are trusted", c.TLS.At, name))
		return
	}
	var chain bytes.Buffer
	for _, der := range pair.Certificate[1:] {
		_ = pem.Encode(&chain, &pem.Block{Type: "CERTIFICATE", Bytes: der}) // a buffer takes everything
	}
	c.CA = &bundle.Store{Path: c.Keystore.Path, Inner: c.Keystore.Inner, Data: chain.Bytes(), NamedAt: c.Keystore.NamedAt}
	s.notes = append(s.notes, fmt.Sprintf("%s: the source names no certificates to trust, so those in the chain of %s are trusted", c.TLS.At, name))
}
