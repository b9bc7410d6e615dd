package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/failover-gen/failover-gen/keystore"
	"github.com/failover-gen/failover-gen/keystore/pemfile"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/settings"
)

// Only a project in which a cluster has PEM files has this file.
func init() { addPEM = openPEM }

// openPEM adds what the PEM files of a cluster hold to its TLS configuration. It
// returns the certificates that are trusted, none where no file of them is set.
func openPEM(config *tls.Config, c settings.Cluster, prefix string) (trusted []*x509.Certificate, err error) {
	if (c.Cert == "") != (c.Key == "") {
		return nil, fmt.Errorf("only one of %sCERT and %[1]sKEY is set; a client certificate needs both", prefix)
	}
	if c.CA != "" {
		data, err := readPEM(c.CA, prefix+"CA")
		if err == nil {
			trusted, err = pemfile.Certificates(data)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.CA, err)
		}
		config.RootCAs = x509.NewCertPool()
		for _, cert := range trusted {
			config.RootCAs.AddCert(cert)
		}
	}
	if c.Cert == "" {
		return trusted, nil
	}
	cert, err := readPEM(c.Cert, prefix+"CERT")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Cert, err)
	}
	key, err := readPEM(c.Key, prefix+"KEY")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Key, err)
	}
	pair, err := pemfile.Pair(cert, key, c.KeyPassword)
	if err != nil {
		path := c.Cert
		if e := (*pemfile.Error)(nil); errors.As(err, &e) && e.Key {
			if path = c.Key; e.Password {
				err = fmt.Errorf("%w (the password is that of %sKEY_PASSWORD)", err, prefix)
			}
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	config.Certificates = []tls.Certificate{pair}
	return trusted, nil
}

func readPEM(path, variable string) ([]byte, error) {
	data, err := keystore.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w (%s can name another file)", err, variable)
	}
	return data, nil
}
