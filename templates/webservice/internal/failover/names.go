package failover

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	ioException = "java.io.IOException"
	eof         = "java.io.EOFException"
	socket      = "java.net.SocketException"
	timeout     = "java.util.concurrent.TimeoutException"
	webService  = "javax.xml.ws.WebServiceException"
	throwable   = "java.lang.Throwable"
	exception   = "java.lang.Exception"
	runtimeEx   = "java.lang.RuntimeException"
)

// parents names the class that each known Java exception extends.
var parents = map[string]string{
	throwable:                                     "",
	exception:                                     throwable,
	runtimeEx:                                     exception,
	ioException:                                   exception,
	eof:                                           ioException,
	socket:                                        ioException,
	"java.net.ConnectException":                   socket,
	"java.net.NoRouteToHostException":             socket,
	"java.net.BindException":                      socket,
	"java.io.InterruptedIOException":              ioException,
	"java.net.SocketTimeoutException":             "java.io.InterruptedIOException",
	"java.net.UnknownHostException":               ioException,
	"java.net.ProtocolException":                  ioException,
	"java.net.MalformedURLException":              ioException,
	"javax.net.ssl.SSLException":                  ioException,
	"javax.net.ssl.SSLHandshakeException":         "javax.net.ssl.SSLException",
	"javax.net.ssl.SSLPeerUnverifiedException":    "javax.net.ssl.SSLException",
	"org.apache.cxf.transport.http.HTTPException": ioException,
	webService:                                    runtimeEx,
	"javax.xml.ws.ProtocolException":              webService,
	"javax.xml.ws.soap.SOAPFaultException":        "javax.xml.ws.ProtocolException",
	"org.apache.cxf.interceptor.Fault":            runtimeEx,
	"org.apache.cxf.binding.soap.SoapFault":       "org.apache.cxf.interceptor.Fault",
	timeout:                                       exception,
}

// exceptions is the list of failures after which the next endpoint is tried.
type exceptions struct {
	compat   bool
	classes  map[string]bool
	faults   map[string]bool // "{namespace}local"
	statuses map[int]bool
	unknown  []string // names without a meaning: allowed in compat only
}

var aFaultName = regexp.MustCompile(`^\{[^{}]*\}[^{}:\s]+$`)

// newExceptions reads the names of o.
func newExceptions(o Options) (*exceptions, error) {
	x := &exceptions{compat: o.Compat, classes: make(map[string]bool), faults: make(map[string]bool), statuses: make(map[int]bool)}
	meanings := make(map[string]string)
	for name, meaning := range o.ExceptionMap {
		name, meaning = strings.TrimSpace(name), strings.TrimSpace(meaning)
		if err := checkMeaning(name, meaning, o.Compat); err != nil {
			return nil, err
		}
		meanings[name] = meaning
	}
	names := slices.Clone(o.Exceptions)
	if len(names) == 0 || o.Compat {
		names = append(names, ioException)
	}
	for _, name := range names {
		name = strings.TrimSpace(name)
		meaning, mapped := meanings[name]
		status, err := strconv.Atoi(meaning)
		class := strings.Replace(name, "jakarta.xml.ws.", "javax.xml.ws.", 1)
		_, known := parents[class]
		switch {
		case name == "":
		case mapped && err == nil:
			x.statuses[status] = true
		case mapped:
			x.faults[meaning] = true
		case known:
			x.classes[class] = true
		case o.Compat:
			x.unknown = append(x.unknown, name)
		default:
			return nil, fmt.Errorf("exception %q is unknown; correct the name, or let exceptionMap say which fault or HTTP status it stands for", name)
		}
	}
	return x, nil
}

func checkMeaning(name, meaning string, compat bool) error {
	status, err := strconv.Atoi(meaning)
	switch {
	case err != nil && !aFaultName.MatchString(meaning):
		return fmt.Errorf(`exceptionMap: %q stands for %q, which is neither an HTTP status nor a fault's name of the form "{namespace}local"`, name, meaning)
	case err == nil && (status < 400 || status > 599):
		return fmt.Errorf("exceptionMap: %q stands for HTTP status %d, which is not a failure; use one from 400 to 599", name, status)
	case err == nil && !compat && finalStatus(status):
		return fmt.Errorf("exceptionMap: %q stands for HTTP status %d: of the statuses from 400 to 499 only 404, 408 and 429 make a call fail over unless compat is on", name, status)
	}
	return nil
}
