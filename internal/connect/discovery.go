package connect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxDiscovery bounds the answer of a discovery service, in bytes.
const maxDiscovery = 1 << 20

// discover asks the discovery service for the members' addresses.
func (t *Target) discover(ctx context.Context, r *recorder) (addresses []string, ok bool) {
	begun := time.Now()
	nodes, why := t.ask(ctx, r)
	for _, n := range nodes {
		addresses = append(addresses, n.Public)
	}
	s := Stage{Name: Discovery, MS: milliseconds(time.Since(begun)), OK: why == nil}
	if why == nil {
		s.Detail = fmt.Sprintf("%s knows %d members", host(t.DiscoveryURL), len(addresses))
		if len(addresses) == 1 {
			s.Detail = host(t.DiscoveryURL) + " knows 1 member"
		}
	} else {
		s.Detail = r.redacted(why.cause)
		r.fail(Discovery, *why)
	}
	r.cluster.Stages = append(r.cluster.Stages, s)
	return addresses, s.OK
}

// Node is a member as a discovery service knows it.
type Node struct {
	Private, Public string // each host:port; the member calls itself by the first
}

// Members asks the discovery service of a cluster for its members.
func (t *Target) Members(ctx context.Context) ([]Node, error) {
	r := &recorder{target: t}
	nodes, why := t.ask(ctx, r)
	if why != nil {
		r.fail(Discovery, *why)
	}
	return nodes, r.cluster.Faults.ErrOrNil()
}

// ask makes the request as the generated engine does.
func (t *Target) ask(ctx context.Context, r *recorder) ([]Node, *trouble) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		strings.TrimSuffix(t.DiscoveryURL, "/")+"/cluster/discovery?token="+url.QueryEscape(t.Token), nil)
	if err != nil {
		return nil, &trouble{cause: "the discovery URL is malformed", remedy: "correct " + t.variable("DISCOVERY_URL") + ", or discoveryURL in failover.yaml"}
	}
	transport := &http.Transport{DisableKeepAlives: true, Proxy: proxy, TLSClientConfig: t.discoveryTLSConfig}
	client := http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the token stays with this host
	}
	response, err := client.Do(request)
	if err != nil {
		var withURL *url.Error // its text holds the token
		if errors.As(err, &withURL) {
			err = withURL.Err
		}
		r.met("discovery", shown(noState, err))
		return nil, t.whyNoAnswer(err)
	}
	defer response.Body.Close()
	if response.TLS != nil {
		r.met("discovery", shown(*response.TLS, nil))
	}
	if response.StatusCode != http.StatusOK {
		return nil, t.whyRefused(response.StatusCode)
	}
	var answer []struct {
		Private string `json:"private-address"`
		Public  string `json:"public-address"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxDiscovery)).Decode(&answer); err != nil {
		if ctx.Err() != nil {
			return nil, t.whyNoAnswer(ctx.Err())
		}
		return nil, t.notDiscovery("does not answer with a list of members")
	}
	var nodes []Node
	for _, member := range answer {
		_, port, err := net.SplitHostPort(member.Public)
		if err != nil || port == "" {
			return nil, t.notDiscovery("answers with an address that is not host:port")
		}
		if _, _, err := net.SplitHostPort(member.Private); err != nil { // the cloud gives the port with the public address only
			member.Private = net.JoinHostPort(member.Private, port)
		}
		nodes = append(nodes, Node{Private: member.Private, Public: member.Public})
	}
	if len(nodes) == 0 {
		return nil, &trouble{cause: host(t.DiscoveryURL) + " knows no member of this cluster", remedy: "start or resume the cluster in the console"}
	}
	return nodes, nil
}

// proxy is http.ProxyFromEnvironment, whose error can hold the proxy's password.
func proxy(r *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(r)
	if err != nil {
		return nil, errProxy
	}
	return u, nil
}

var errProxy = errors.New("the address of the proxy in HTTP_PROXY or HTTPS_PROXY is malformed")

// host is that of a URL, with its port.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the discovery service"
	}
	return u.Host
}

// variable is the name of a setting of the cluster.
func (t *Target) variable(name string) string { return fmt.Sprintf("FAILOVER_%d_%s", t.Number, name) }

// whyRefused explains a status other than 200.
func (t *Target) whyRefused(status int) *trouble {
	answers := strings.TrimSpace(fmt.Sprintf("%s answers %d %s", host(t.DiscoveryURL), status, http.StatusText(status)))
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return &trouble{cause: answers + ": it refuses the token", remedy: fmt.Sprintf("compare %s with the token of %s in the console", t.variable("TOKEN"), t.Name)}
	case status == http.StatusBadRequest || status == http.StatusNotFound:
		return &trouble{cause: answers, remedy: fmt.Sprintf("compare the discovery URL and %s with those of %s in the console; the cluster may have been deleted", t.variable("TOKEN"), t.Name)}
	case status >= 300 && status < 400:
		return &trouble{cause: answers + ", which is not followed because the token would go to another host",
			remedy: "put the address of the discovery service itself into " + t.variable("DISCOVERY_URL")}
	case status == http.StatusTooManyRequests:
		return &trouble{cause: answers, remedy: "try again in a minute; other clients may be using the same token without a pause"}
	}
	return &trouble{cause: answers, remedy: "try again; if it stays so, ask those who run the discovery service"}
}

// notDiscovery is about an answer that no discovery service gives.
func (t *Target) notDiscovery(says string) *trouble {
	return &trouble{cause: host(t.DiscoveryURL) + " " + says, remedy: "correct " + t.variable("DISCOVERY_URL") + ", or discoveryURL in failover.yaml; a proxy may have answered instead"}
}

// whyNoAnswer explains why there was no answer at all.
func (t *Target) whyNoAnswer(err error) *trouble {
	at := host(t.DiscoveryURL)
	if certificate := wrongCertificate(at, err); certificate != nil {
		certificate.remedy += "; a proxy that looks into TLS needs its authority among those that this system trusts"
		return certificate
	}
	if errors.Is(err, errProxy) {
		return &trouble{cause: err.Error(), remedy: "correct it"}
	}
	return t.network(at, err, "check the discovery URL, and whether this machine needs a proxy (HTTPS_PROXY) or a rule of the firewall")
}
