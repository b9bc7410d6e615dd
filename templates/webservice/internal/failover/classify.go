package failover

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
)

// timeoutError says which of our deadlines has passed. It is not a deadline of
// the caller, and the standard library's are all alike, so it is a type of its own.
type timeoutError struct {
	what    string
	overall bool // the whole call's
}

// Error implements error.
func (e *timeoutError) Error() string { return e.what }

// Timeout implements net.Error.
func (e *timeoutError) Timeout() bool { return true }

// Temporary implements net.Error.
func (e *timeoutError) Temporary() bool { return true }

// Is makes it an os.ErrDeadlineExceeded, as the timeouts of connections are.
func (e *timeoutError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// classify returns the most specific Java classes of the exceptions that a Java
// client would have thrown for err: the one of the transport, and the one in
// which JAX-WS wraps it. The caller's own cancellation must not come here.
func classify(err error) []string {
	if late, ok := errors.AsType[*timeoutError](err); ok && late.overall {
		return []string{timeout, webService}
	}
	return []string{transportClass(err), webService}
}

// transportClass returns the most specific class of an error of the transport. A
// name that can't be resolved and an errno come before timeouts, since some of
// them call themselves timeouts; timeouts come before TLS, because a handshake
// that takes too long is one.
func transportClass(err error) string {
	errno, isErrno := errors.AsType[syscall.Errno](err)
	late, _ := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	op, _ := errors.AsType[*net.OpError](err)
	badURL, _ := errors.AsType[*url.Error](err)
	message := err.Error()
	switch {
	case is[*net.DNSError](err):
		return "java.net.UnknownHostException"
	case isErrno:
		return errnoClass(errno)
	case late != nil && late.Timeout():
		return "java.net.SocketTimeoutException"
	case is[x509.HostnameError](err):
		return "javax.net.ssl.SSLPeerUnverifiedException"
	case is[*tls.CertificateVerificationError](err), op != nil && op.Op == "remote error":
		return "javax.net.ssl.SSLHandshakeException"
	case errors.Is(err, http.ErrSchemeMismatch), is[tls.RecordHeaderError](err), strings.HasPrefix(message, "tls: "):
		return "javax.net.ssl.SSLException"
	case badURL != nil && badURL.Op == "parse":
		return "java.net.MalformedURLException"
	case strings.Contains(message, "malformed "): // net/http does not export the types
		return "java.net.ProtocolException"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), message == "http: server closed idle connection":
		return eof
	case errors.Is(err, net.ErrClosed):
		return socket
	default:
		return ioException
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func errnoClass(errno syscall.Errno) string {
	switch errno {
	case syscall.ECONNREFUSED, syscall.ETIMEDOUT:
		return "java.net.ConnectException"
	case syscall.EHOSTUNREACH:
		return "java.net.NoRouteToHostException"
	case syscall.EADDRINUSE, syscall.EADDRNOTAVAIL:
		return "java.net.BindException"
	default:
		return socket
	}
}

// match reports whether one of some classes, or an ancestor of it, is listed.
func (x *exceptions) match(classes []string) bool {
	return slices.ContainsFunc(classes, func(class string) bool {
		for ; class != ""; class = parents[class] {
			if x.classes[class] {
				return true
			}
		}
		return false
	})
}

// matchResponse reports whether a response with a fault, or with a status from
// 400 on, is listed.
func (x *exceptions) matchResponse(status int, said *fault) bool {
	if !x.compat && finalStatus(status) {
		return false
	}
	classes := []string{webService}
	switch {
	case said != nil:
		classes = []string{"javax.xml.ws.soap.SOAPFaultException", "org.apache.cxf.binding.soap.SoapFault"}
		for _, name := range said.names {
			if x.faults[qname(name)] {
				return true
			}
		}
	case status != http.StatusInternalServerError:
		classes = []string{"org.apache.cxf.transport.http.HTTPException", webService}
	}
	return x.statuses[status] || x.match(classes)
}

// finalStatus reports whether a status says that the request itself is wrong.
// Such a request must not walk the whole list.
func finalStatus(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return status >= 400 && status < 500
}

// isAny reports whether one of some classes is, or descends from, one of others.
func isAny(classes []string, others ...string) bool {
	for _, class := range classes {
		for ; class != ""; class = parents[class] {
			if slices.Contains(others, class) {
				return true
			}
		}
	}
	return false
}
