package connect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math"
	"slices"
	"time"
)

// Certificate is a certificate that was met.
type Certificate struct {
	Of       string    `json:"of"` // client, member or discovery
	Subject  string    `json:"subject"`
	NotAfter time.Time `json:"notAfter"`
	// DaysLeft counts full days: one that ended an hour ago has -1 left.
	DaysLeft int `json:"daysLeft"`
}

// met records the certificates of one side, each once.
func (r *recorder) met(of string, certificates []*x509.Certificate) {
	for _, c := range certificates {
		if key := of + " " + string(c.Raw); !slices.Contains(r.seen, key) {
			r.seen = append(r.seen, key)
			r.cluster.Certificates = append(r.cluster.Certificates, Certificate{
				Of: of, Subject: c.Subject.String(), NotAfter: c.NotAfter.UTC(), DaysLeft: daysLeft(c, r.now),
			})
		}
	}
}

func daysLeft(c *x509.Certificate, now time.Time) int {
	return int(math.Floor(c.NotAfter.Sub(now).Hours() / 24))
}

// shown returns the certificates that a server showed, up to the one that we
// trust if they were accepted. err is that of the handshake.
func shown(state tls.ConnectionState, err error) []*x509.Certificate {
	var refused *tls.CertificateVerificationError
	switch {
	case errors.As(err, &refused):
		return refused.UnverifiedCertificates
	case len(state.VerifiedChains) > 0:
		return state.VerifiedChains[0]
	}
	return state.PeerCertificates
}

// parse returns the certificates of a chain that was parsed before.
func parse(chain [][]byte) (list []*x509.Certificate) {
	for _, der := range chain {
		if c, err := x509.ParseCertificate(der); err == nil {
			list = append(list, c)
		}
	}
	return list
}
