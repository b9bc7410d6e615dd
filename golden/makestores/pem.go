package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/storefile"
)

// pemFiles writes what the stores of two clusters hold as PEM files, as the console
// does for CLC and Python. The keys are encrypted in the two forms that users have.
func pemFiles() error {
	for _, c := range []struct {
		cluster, password string
		encrypt           func(key []byte, password string) ([]byte, error)
	}{{"pr-1234", "1a2b3c4d5e6", dekInfo}, {"pr-5678", "6f7a8b9c0d1", pbes2}} {
		key, err := open(c.cluster+".keystore", c.password)
		if err != nil {
			return err
		}
		trust, err := open(c.cluster+".truststore", c.password)
		if err != nil {
			return err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key.Entries[0].Key)
		if err != nil {
			return err
		}
		sealed, err := c.encrypt(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), c.password)
		if err != nil {
			return err
		}
		for name, data := range map[string][]byte{"ca": pki.CertificatesPEM(trust.Trusted...), "cert": pki.CertificatesPEM(key.Entries[0].Chain[0]), "key": sealed} {
			if err := os.WriteFile(filepath.Join(folder, c.cluster+"."+name+".pem"), data, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

func open(name, password string) (*storefile.Store, error) {
	data, err := storefile.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return nil, err
	}
	return storefile.Decode(data, password, "")
}

// dekInfo is the encryption of RFC 1423, which the console uses.
func dekInfo(text []byte, password string) ([]byte, error) {
	block, _ := pem.Decode(text)
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := private.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("a %T where an RSA key belongs", private)
	}
	//lint:ignore SA1019 the form is insecure by design, and users hold keys in it
	sealed, err := x509.EncryptPEMBlock(rand.Reader, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key), []byte(password), x509.PEMCipherAES256)
	return pem.EncodeToMemory(sealed), err
}

// pbes2 is the encryption of PKCS#8, with few iterations to keep the cases fast.
func pbes2(key []byte, password string) ([]byte, error) {
	source, err := os.CreateTemp("", "makestores-*.pem")
	if err != nil {
		return nil, err
	}
	defer os.Remove(source.Name())
	if _, err := source.Write(key); err != nil {
		return nil, err
	}
	if err := source.Close(); err != nil {
		return nil, err
	}
	return exec.Command("openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-iter", "1", "-in", source.Name(), "-passout", "pass:"+password).Output()
}
