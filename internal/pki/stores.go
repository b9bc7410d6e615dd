package pki

import (
	"crypto/x509"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/failover-gen/failover-gen/internal/storefile"
)

// Form is how a PKCS12 store is protected.
type Form struct{ encoder *pkcs12.Encoder }

// The forms differ in their encryption, and in the iterations of key derivation
// that a reader must spend.
var (
	Console = Form{pkcs12.LegacyRC2.WithIterations(100_000)} // the cloud console's: 3DES and RC2-40
	Modern  = Form{pkcs12.Modern2023.WithIterations(10_000)} // keytool's since JDK 17: AES-256
	Quick   = Form{pkcs12.Modern2023.WithIterations(1)}      // for tests
)

// ConsoleAlias is what the cloud console calls the client's key.
const ConsoleAlias = "client"

// Keystore holds one key with its certificate and the issuers. Under the empty
// alias Java calls the key "1".
func (f Form) Keystore(alias, password string, key *Pair, issuers ...*x509.Certificate) ([]byte, error) {
	data, err := f.encoder.Encode(key.Key, key.Cert, issuers, password)
	if err != nil || alias == "" {
		return data, err
	}
	return storefile.WithAlias(data, alias, password) // go-pkcs12 v0.7.4 gives keys no alias
}

// Truststore holds certificates to trust. Each has its subject as alias, or "ca"
// if there is only one, as in the console's.
func (f Form) Truststore(password string, certs ...*x509.Certificate) ([]byte, error) {
	var entries []pkcs12.TrustStoreEntry
	for _, cert := range certs {
		entry := pkcs12.TrustStoreEntry{Cert: cert, FriendlyName: cert.Subject.String()}
		if len(certs) == 1 {
			entry.FriendlyName = "ca"
		}
		entries = append(entries, entry)
	}
	return f.encoder.EncodeTrustStoreEntries(entries, password)
}

// ClientStores makes fresh keys for a cluster and returns its client's stores, with
// the entries that the cloud console puts into them.
func (f Form) ClientStores(cluster, password string) (keystore, truststore []byte, err error) {
	ca, err := Issue(nil, EC, Authority(cluster+" stand-in authority"))
	if err != nil {
		return nil, nil, err
	}
	client, err := Issue(ca, RSA, Client(cluster+" client"))
	if err != nil {
		return nil, nil, err
	}
	if keystore, err = f.Keystore(ConsoleAlias, password, client, ca.Cert); err != nil {
		return nil, nil, err
	}
	truststore, err = f.Truststore(password, ca.Cert)
	return keystore, truststore, err
}
