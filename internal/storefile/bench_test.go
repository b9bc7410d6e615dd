package storefile

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"testing"

	"github.com/failover-gen/failover-gen/keystore"
)

// BenchmarkDecode compares both readers. What PKCS12 stores take is mostly key
// derivation: 10,000 iterations for each of MAC, certificates and key (default),
// or 100,000, 50,000 and 50,000 (legacy).
func BenchmarkDecode(b *testing.B) {
	for name, file := range map[string]string{
		"JKS chain":      "jks-chain.keystore",
		"JKS truststore": "jks-trust2.truststore",
		"PKCS12":         "p12-chain.keystore",
		"PKCS12 legacy":  "p12legacy-chain.keystore",
	} {
		data := testdata(b, file)
		for reader, decode := range map[string]func() error{
			"full":  func() error { _, err := Decode(data, testPassword, ""); return err },
			"small": func() error { _, err := keystore.Decode(data, testPassword, ""); return err },
		} {
			b.Run(name+"/"+reader, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := decode(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkHandshake is a new TCP connection, a full mutual TLS handshake and an
// echo of one byte, both ends on this machine.
func BenchmarkHandshake(b *testing.B) {
	for name, key := range map[string]func() (any, error){
		"EC-256":   func() (any, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		"RSA-2048": func() (any, error) { return rsa.GenerateKey(rand.Reader, 2048) },
		"RSA-4096": func() (any, error) { return rsa.GenerateKey(rand.Reader, 4096) },
	} {
		b.Run(name, func(b *testing.B) {
			client, server := mutual(b, false)
			rekey(b, client, server, key)
			for b.Loop() {
				if err := echo(client, server); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// rekey gives both ends self-signed certificates of another kind of key.
func rekey(b *testing.B, client, server *tls.Config, generate func() (any, error)) {
	b.Helper()
	client.RootCAs, server.ClientCAs = x509.NewCertPool(), x509.NewCertPool()
	for _, end := range []struct {
		config *tls.Config
		trust  *x509.CertPool
	}{{client, server.ClientCAs}, {server, client.RootCAs}} {
		key, err := generate()
		if err != nil {
			b.Fatal(err)
		}
		template := *issue(b, nil, leaf("hazelcast.cloud")).cert
		template.SignatureAlgorithm, template.PublicKey = x509.UnknownSignatureAlgorithm, key.(crypto.Signer).Public()
		der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.(crypto.Signer).Public(), key)
		if err != nil {
			b.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			b.Fatal(err)
		}
		end.trust.AddCert(cert)
		end.config.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	}
}
