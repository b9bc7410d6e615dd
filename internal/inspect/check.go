package inspect

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/storefile"
)

// checker describes the entries of one store and gathers warnings. The caller adds
// the name of the store to them.
type checker struct {
	Options
	role     role
	several  bool // there are several entries, so warnings must say which they mean
	warnings []string
}

func (c *checker) warn(format string, args ...any) {
	c.warnings = append(c.warnings, fmt.Sprintf(format, args...))
}

// of says whose certificate a warning is about, "" where there is only one.
func (c *checker) of(alias string) string {
	if !c.several {
		return ""
	}
	return fmt.Sprintf(" of %q", alias)
}

// whole warns where the store as a whole cannot be used.
func (c *checker) whole(store *storefile.Store) {
	var err error
	if c.role == trustRole {
		_, err = store.Pool()
	} else {
		_, err = store.KeyPair("")
	}
	refused, ok := err.(*storefile.Error)
	switch {
	case !ok || refused.Reason == storefile.KeyMismatch: // entry warns of it
	case refused.Reason == storefile.SeveralKeys:
		c.warn("%s; generate needs --set N.alias=ALIAS, where N is the number of the cluster", refused.Cause)
	default:
		c.warn("%s", refused.Error())
	}
}

// entry describes e, and warns of what is wrong with it.
func (c *checker) entry(e storefile.Entry) Entry {
	out := Entry{Alias: e.Alias, Kind: string(e.Kind)}
	if !e.Created.IsZero() {
		out.Created = &e.Created
	}
	if len(e.Chain) == 0 {
		c.warn("no certificate belongs to the key %q", e.Alias)
		out.Pairing = "no certificate belongs to this key"
		return out
	}
	cert := e.Chain[0]
	from, until := cert.NotBefore.UTC(), cert.NotAfter.UTC()
	out.Subject, out.Issuer, out.SHA256 = cert.Subject.String(), cert.Issuer.String(), fingerprint(cert.Raw)
	out.Key, out.NotBefore, out.NotAfter = keyName(cert.PublicKey), &from, &until
	out.Serial, out.Signature = fmt.Sprintf("%x", cert.SerialNumber), cert.SignatureAlgorithm.String()
	left := daysUntil(cert.NotAfter, c.Now)
	out.DaysLeft = &left
	out.Validity = c.validity("certificate"+c.of(e.Alias), cert)
	c.strength("certificate"+c.of(e.Alias), cert)
	if e.Kind == storefile.KindCertificate {
		out.Use = c.trusted(e.Alias, cert)
		return out
	}
	if out.Pairing = "matches its certificate"; !storefile.Matches(e.Key, cert) {
		out.Pairing = "does not match this certificate"
		c.warn("the key %q does not match its certificate; put the key and its own certificate into one entry", e.Alias)
		return out
	}
	for _, issuer := range e.Chain[1:] {
		subject := fmt.Sprintf("issuer %q", issuer.Subject.String())
		c.validity(subject+c.of(e.Alias), issuer)
		c.strength(subject+c.of(e.Alias), issuer)
	}
	out.Chain = c.chain(e)
	return out
}

// validity words for how long cert is still valid, and warns if that is not long.
func (c *checker) validity(what string, cert *x509.Certificate) string {
	const day = 24 * time.Hour
	left := cert.NotAfter.Sub(c.Now)
	switch {
	case left < 0:
		c.warn("%s expired %s ago (%s)", what, days(-left/day), date(cert.NotAfter))
		return "expired " + days(-left/day) + " ago"
	case cert.NotBefore.After(c.Now):
		wait := cert.NotBefore.Sub(c.Now)
		c.warn("%s is not valid yet, only in %s (%s)", what, days((wait+day-1)/day), date(cert.NotBefore))
		return "not valid yet"
	case left <= c.ExpiresWithin:
		c.warn("%s expires in %s (%s)", what, days(left/day), date(cert.NotAfter))
	}
	return days(left/day) + " left"
}

// daysUntil counts full days from now to t, rounded down: a certificate that
// expired an hour ago has -1 left.
func daysUntil(t, now time.Time) int {
	return int(math.Floor(t.Sub(now).Hours() / 24))
}

func days(n time.Duration) string {
	switch n {
	case 0:
		return "less than a day"
	case 1:
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// strength warns of keys and signatures that are too weak. Nothing relies on
// the signature that a root made of itself.
func (c *checker) strength(what string, cert *x509.Certificate) {
	switch public := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		if public.N.BitLen() < 2048 {
			c.warn("%s has a weak key (%s); have it issued again with RSA-2048 or more, or EC", what, keyName(public))
		}
	case *ecdsa.PublicKey:
		if public.Params().BitSize < 256 {
			c.warn("%s has a weak key (%s); have it issued again with EC-256 or more", what, keyName(public))
		}
	}
	root := cert.IsCA && string(cert.RawIssuer) == string(cert.RawSubject)
	if name := strings.ToUpper(cert.SignatureAlgorithm.String()); !root && (strings.Contains(name, "SHA1") || strings.Contains(name, "MD5") || strings.Contains(name, "MD2")) {
		c.warn("%s has a weak signature (%s), which Go and current servers refuse; have it signed again with SHA-256", what, cert.SignatureAlgorithm)
	}
}

// trusted says what Go can do with a certificate of a truststore. It warns where Go
// can do nothing with it.
func (c *checker) trusted(alias string, cert *x509.Certificate) string {
	signs := (cert.Version < 3 || cert.BasicConstraintsValid) && (!cert.BasicConstraintsValid || cert.IsCA) &&
		(cert.KeyUsage == 0 || cert.KeyUsage&x509.KeyUsageCertSign != 0)
	named := len(cert.DNSNames)+len(cert.IPAddresses) > 0
	switch {
	case signs && cert.IsCA:
		return "an authority, usable in Go"
	case named:
		return "trusts this one server only"
	case signs: // version 1, from before authorities were marked
		return "an authority of version 1, usable in Go"
	case c.role == trustRole:
		c.warn("Go cannot use the certificate%s: it is not an authority, and it names its server only as CN; trust the authority that signed it, or have it issued again with a subject alternative name", c.of(alias))
	}
	return "of no use in Go: not an authority, and without a subject alternative name"
}

// chain verifies the certificates that a client would show to a server, as far as
// the store has them, and words the outcome. It ignores times: validity checks them.
func (c *checker) chain(e storefile.Entry) string {
	last := e.Chain[len(e.Chain)-1]
	options := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	options.Roots.AddCert(last)
	until := last.NotAfter
	for _, cert := range e.Chain {
		options.Intermediates.AddCert(cert)
		if cert.NotBefore.After(options.CurrentTime) {
			options.CurrentTime = cert.NotBefore
		}
		if cert.NotAfter.Before(until) {
			until = cert.NotAfter
		}
	}
	if options.CurrentTime.After(until) {
		return "its certificates were never valid at one time"
	}
	length := fmt.Sprintf("%d certificates", len(e.Chain))
	if len(e.Chain) == 1 {
		length = "1 certificate"
	}
	if _, err := e.Chain[0].Verify(options); err != nil {
		c.warn("the chain%s does not verify for client authentication: %s", c.of(e.Alias), strings.TrimPrefix(err.Error(), "x509: "))
		return length + ", does not verify for client authentication"
	}
	switch selfIssued := string(last.RawIssuer) == string(last.RawSubject); {
	case selfIssued && len(e.Chain) == 1:
		return "self-signed, fit for client authentication"
	case !selfIssued:
		return length + ", verified as far as it goes; the store lacks " + last.Issuer.String()
	}
	return length + ", verified for client authentication up to " + last.Subject.String()
}

// keyName gives a public key's algorithm and size in bits.
func keyName(public any) string {
	switch key := public.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA-%d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return fmt.Sprintf("EC-%d", key.Params().BitSize)
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "unknown"
}
