package pki

import (
	"crypto/x509"
	"encoding/pem"
)

// PEM returns the certificate and the unencrypted key of the pair as PEM files.
func (p *Pair) PEM() (cert, key []byte, err error) {
	der, err := x509.MarshalPKCS8PrivateKey(p.Key)
	if err != nil {
		return nil, nil, err
	}
	return CertificatesPEM(p.Cert), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// CertificatesPEM returns certificates as one PEM file.
func CertificatesPEM(list ...*x509.Certificate) (data []byte) {
	for _, cert := range list {
		data = append(data, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
	}
	return data
}
