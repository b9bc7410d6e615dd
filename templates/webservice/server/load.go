package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/failover-gen/failover-gen/templates/webservice/internal/registry"
)

// load reads from the environment where the registry is. Without addresses there is none.
func load() (registry.Config, error) {
	c := registry.Config{
		Path:     os.Getenv("FAILOVER_REGISTRY_PATH"),
		User:     os.Getenv("FAILOVER_REGISTRY_USER"),
		Password: registry.Secret(os.Getenv("FAILOVER_REGISTRY_PASSWORD")),
	}
	if addresses := os.Getenv("FAILOVER_REGISTRY_ADDRESSES"); addresses != "" {
		c.Addresses = strings.Split(addresses, ",")
	}
	if file := os.Getenv("FAILOVER_REGISTRY_PASSWORD_FILE"); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return c, fmt.Errorf("FAILOVER_REGISTRY_PASSWORD_FILE: %w", err)
		}
		c.Password = registry.Secret(strings.TrimRight(string(text), "\r\n"))
	}
	ca, cert, key := os.Getenv("FAILOVER_REGISTRY_CA"), os.Getenv("FAILOVER_REGISTRY_CERT"), os.Getenv("FAILOVER_REGISTRY_KEY")
	if cmp.Or(ca, cert, key) == "" {
		return c, nil
	}
	c.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		c.TLS.RootCAs = x509.NewCertPool()
		if err == nil && !c.TLS.RootCAs.AppendCertsFromPEM(pem) {
			err = errors.New("there is no certificate in " + ca)
		}
		if err != nil {
			return c, fmt.Errorf("FAILOVER_REGISTRY_CA: %w", err)
		}
	}
	if cmp.Or(cert, key) != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return c, fmt.Errorf("FAILOVER_REGISTRY_CERT and FAILOVER_REGISTRY_KEY: %w", err)
		}
		c.TLS.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
