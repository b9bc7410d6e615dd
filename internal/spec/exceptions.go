package spec

import (
	"slices"
	"strings"
)

// exceptions are the Java classes for which a generated client knows what they are
// in Go: those of names.go in templates/webservice/internal/failover.
var exceptions = strings.Fields(`
	java.lang.Throwable java.lang.Exception java.lang.RuntimeException
	java.io.IOException java.io.InterruptedIOException java.io.EOFException
	java.net.SocketException java.net.ConnectException java.net.NoRouteToHostException java.net.BindException
	java.net.SocketTimeoutException java.net.UnknownHostException java.net.ProtocolException java.net.MalformedURLException
	javax.net.ssl.SSLException javax.net.ssl.SSLHandshakeException javax.net.ssl.SSLPeerUnverifiedException
	org.apache.cxf.transport.http.HTTPException
	javax.xml.ws.WebServiceException javax.xml.ws.ProtocolException javax.xml.ws.soap.SOAPFaultException
	org.apache.cxf.interceptor.Fault org.apache.cxf.binding.soap.SoapFault
	java.util.concurrent.TimeoutException`)

// KnownException reports whether a generated client knows what a Java class is in
// Go without an exceptionMap. The names of Jakarta stand for those before them.
func KnownException(name string) bool {
	if rest, found := strings.CutPrefix(name, "jakarta.xml.ws."); found {
		name = "javax.xml.ws." + rest
	}
	return slices.Contains(exceptions, name)
}
