package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// timedOut reports whether err comes of our own deadline, at which the connection
// is closed.
func timedOut(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed)
}

// closed reports whether the other side has ended the connection.
func closed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// network explains an error of the network. The remedy is for what has no better one.
func (t *Target) network(address string, err error, remedy string) *trouble {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return &trouble{cause: fmt.Sprintf("there is no host %q", dns.Name), remedy: "correct the name; names of a private network need its DNS server"}
	case errors.As(err, &dns) && !timedOut(err):
		return &trouble{cause: fmt.Sprintf("the DNS server does not tell the address of %q", dns.Name), remedy: "check this machine's network and DNS"}
	case timedOut(err):
		return &trouble{cause: fmt.Sprintf("%s does not answer within %v", address, t.Timeout), remedy: remedy}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &trouble{cause: address + " refuses the connection: nothing listens there", remedy: remedy}
	case closed(err):
		return &trouble{cause: address + " closes the connection", remedy: remedy}
	}
	return &trouble{cause: address + " cannot be reached: " + last(err), remedy: remedy}
}

// last is the innermost error, whose text is the shortest.
func last(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}

// isAlert reports whether err is what a server said before it ended TLS.
func isAlert(err error) bool {
	return err != nil && strings.Contains(err.Error(), "remote error: tls:")
}

// whyNoTLS explains a handshake that failed, or what came right after it.
func (t *Target) whyNoTLS(address string, err error) *trouble {
	var notTLS tls.RecordHeaderError
	if why := wrongCertificate(address, err); why != nil {
		var unknown x509.UnknownAuthorityError
		var name x509.HostnameError
		switch {
		case errors.As(err, &unknown):
			why.at = fileOf(t.Truststore)
			why.remedy = fmt.Sprintf("take the truststore of %s from the console again: it must hold the authority that signed that certificate; if it does, something between here and the cluster shows a certificate of its own", t.Name)
		case errors.As(err, &name):
			why.remedy = fmt.Sprintf("set serverName in failover.yaml to a name that the certificate holds and generate again, or set %s", t.variable("SERVER_NAME"))
		}
		return why
	}
	switch {
	case errors.As(err, &notTLS):
		return &trouble{cause: address + " does not speak TLS", remedy: "check the port; if this cluster has no TLS, say tls: off in failover.yaml and generate again"}
	case isAlert(err):
		return t.refusedByServer(address, err)
	case timedOut(err):
		return &trouble{cause: fmt.Sprintf("%s accepts the connection, but does not finish the TLS handshake within %v", address, t.Timeout),
			remedy: "look at the member: it is frozen or overloaded, or a proxy in front of it has lost it"}
	case closed(err):
		return &trouble{cause: address + " closes the connection during the TLS handshake",
			remedy: "look at the log of the member, which may refuse our certificate; a proxy or load balancer closes connections when the member behind it is down"}
	}
	return &trouble{cause: fmt.Sprintf("TLS with %s fails: %s", address, strings.TrimPrefix(err.Error(), "tls: ")), remedy: "ask those who run the cluster which versions of TLS it takes"}
}

// refusedByServer explains an alert: mostly the server refuses our certificate.
func (t *Target) refusedByServer(address string, err error) *trouble {
	_, alert, _ := strings.Cut(err.Error(), "remote error: tls: ")
	if !slices.ContainsFunc([]string{"certificate", "unknown certificate authority", "access denied"}, func(part string) bool { return strings.Contains(alert, part) }) {
		return &trouble{cause: fmt.Sprintf("%s ends TLS: %s", address, alert), remedy: "look at the log of the member; it may take other versions of TLS or another server name"}
	}
	if t.Keystore == "" {
		return &trouble{cause: fmt.Sprintf("%s asks for a client certificate, and there is none to show: %s", address, alert), remedy: "name a keystore in " + t.variable("KEYSTORE")}
	}
	why := &trouble{
		cause: fmt.Sprintf("%s refuses our certificate: %s", address, alert), at: fileOf(t.Keystore),
		remedy: fmt.Sprintf("take the client certificate of %s from the console again: the cluster must trust the authority that signed it", t.Name),
	}
	if own := t.TLS.Certificates; len(own) > 0 && own[0].Leaf != nil && time.Now().After(own[0].Leaf.NotAfter) {
		why.cause = fmt.Sprintf("%s refuses our certificate, which expired on %s", address, own[0].Leaf.NotAfter.UTC().Format(time.DateOnly))
		why.remedy = "put a renewed one here"
	}
	return why
}

// wrongCertificate explains why a server's certificate is not accepted, nil if
// that is not what err is about.
func wrongCertificate(address string, err error) *trouble {
	var refused *tls.CertificateVerificationError
	if !errors.As(err, &refused) || len(refused.UnverifiedCertificates) == 0 {
		return nil
	}
	c := refused.UnverifiedCertificates[0]
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &trouble{cause: fmt.Sprintf("the certificate of %s (%s) is valid from %s to %s only", address, c.Subject, c.NotBefore.UTC().Format(time.DateOnly), c.NotAfter.UTC().Format(time.DateOnly)),
			remedy: "have it renewed by those who run that server; if the clock of this machine is wrong, correct that"}
	case errors.As(err, &unknown):
		return &trouble{cause: fmt.Sprintf("the certificate of %s (%s) is signed by %s, which is not trusted", address, c.Subject, c.Issuer), remedy: "have this system trust that authority, if it is right"}
	case errors.As(err, &name):
		holds := strings.Join(c.DNSNames, ", ")
		for _, ip := range c.IPAddresses {
			holds = strings.TrimPrefix(holds+", "+ip.String(), ", ")
		}
		if holds == "" {
			holds = "no name outside its subject, which Go does not look at"
		}
		return &trouble{cause: fmt.Sprintf("the certificate of %s is not for %q; it is for %s", address, name.Host, holds), remedy: "correct the host name of the address"}
	}
	return &trouble{cause: fmt.Sprintf("the certificate of %s (%s) is not accepted: %s", address, c.Subject, strings.TrimPrefix(refused.Err.Error(), "x509: ")), remedy: "have it issued again by those who run that server"}
}

// whyNotAuthenticated explains why a member does not take us for a client.
func (t *Target) whyNotAuthenticated(address string, err error) *trouble {
	var status statusError
	switch {
	case errors.As(err, &status) && status == credentialsFailed && t.Username == "":
		return &trouble{cause: fmt.Sprintf("%s refuses the login: its cluster has another name than %q, or asks for a user and a password", address, t.Name),
			remedy: fmt.Sprintf("compare the name with the console; a user and a password are set by %s and %s", t.variable("USERNAME"), t.variable("PASSWORD"))}
	case errors.As(err, &status) && status == credentialsFailed:
		return &trouble{cause: fmt.Sprintf("%s refuses the login: the cluster name %q, the user %q or the password is wrong", address, t.Name, t.Username),
			remedy: fmt.Sprintf("compare the name and the user with the console, and %s with the password", t.variable("PASSWORD"))}
	case errors.As(err, &status) && status == notAllowed:
		return &trouble{cause: address + " refuses the login: this client is not allowed in the cluster", remedy: "look at the client filtering of the cluster in Management Center"}
	case errors.As(err, &status) && status == serializationFailed:
		return &trouble{cause: address + " refuses the login: it uses another version of serialization", remedy: "use a cluster of Hazelcast 5"}
	case errors.Is(err, errWantsTLS):
		return &trouble{cause: address + " speaks TLS, but this cluster is declared to have none", remedy: "remove tls: off from failover.yaml and generate again with a bundle that holds keystore and truststore"}
	}
	return t.whyNoAnswerOf(address, "authentication", err)
}

// codeAccessControl is the protocol's code of a lacking permission.
const codeAccessControl = 64

// whyNotRead explains why a member that has authenticated us does not let us read.
func (t *Target) whyNotRead(address string, err error) *trouble {
	var e *memberError
	if errors.As(err, &e) && e.code == codeAccessControl {
		return &trouble{cause: fmt.Sprintf("%s does not permit us to read the map %q (%s)", address, t.Map, e), remedy: "have the permission given to this client, or name another map in failover.yaml and generate again"}
	}
	why := t.whyNoAnswerOf(address, fmt.Sprintf("reading the size of the map %q", t.Map), err)
	if timedOut(err) { // every member has a part of the map
		why.remedy = "try again if the cluster was just started; otherwise look at its members: one of them is frozen or overloaded"
	}
	return why
}

// whyNoAnswerOf explains an answer that is an error, or none at all.
func (t *Target) whyNoAnswerOf(address, asked string, err error) *trouble {
	var status statusError
	var e *memberError
	switch {
	case timedOut(err):
		return &trouble{cause: fmt.Sprintf("%s does not answer to %s within %v", address, asked, t.Timeout), remedy: "look at the member: it is frozen or overloaded, or a proxy in front of it has lost it"}
	case closed(err):
		return &trouble{cause: fmt.Sprintf("%s closes the connection instead of answering to %s", address, asked),
			remedy: "look at the log of the member, and check that the port is one for clients and whether the cluster wants TLS; a proxy closes connections when the member behind it is down"}
	case errors.Is(err, errNotHazelcast):
		return &trouble{cause: address + " " + err.Error(), remedy: "check the port; members of Hazelcast 4 and 5 speak the protocol that is needed"}
	case errors.As(err, &e), errors.As(err, &status):
		return &trouble{cause: fmt.Sprintf("%s answers to %s with an error: %v", address, asked, err), remedy: "look at the log of the member"}
	}
	return t.network(address, err, "check the network between here and the cluster")
}

// fileOf is the position of a file, nowhere if there is none.
func fileOf(path string) fault.Position { return fault.In(path) }
