package failover

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hazelcast/hazelcast-go-client/cluster"
	"github.com/hazelcast/hazelcast-go-client/cluster/discovery"
)

// target is a cluster together with what is known of reaching it.
type target struct {
	Cluster
	index    int
	timeout  time.Duration // bounds every look at it
	redacted *strings.Replacer

	hung atomic.Bool // a start of the client has not come back yet

	mu        sync.Mutex
	lastCause error
	nodes     []discovery.Node // as last discovered, or as given and learned

	asking sync.Mutex // held while discovery is asked, which can take ConnectTimeout
	asked  time.Time  // when that was last
	askErr error      // and what came of it

	// These belong to the policy.
	trying  bool
	refused bool
	begun   time.Time // when the last attempt began; zero: none since the last loss
	due     time.Time // when the next may begin
	pause   time.Duration
	seen    bool          // a look has brought the next attempt on, or the one under way
	lookAt  time.Time     // when the next look may begin
	inVain  time.Duration // by how much the last look in vain put the next one off
	looks   uint          // chooses the address
}

func newTarget(c Cluster, index int, o Options) *target {
	t := &target{Cluster: c, index: index, timeout: o.ConnectTimeout, looks: rand.Uint()}
	var hide []string
	for _, secret := range []Secret{c.Token, c.Password} {
		if secret != "" {
			hide = append(hide, string(secret), secret.String(), url.QueryEscape(string(secret)), secret.String())
		}
	}
	t.redacted = strings.NewReplacer(hide...)
	for _, address := range c.Addresses {
		t.nodes = append(t.nodes, discovery.Node{PublicAddr: address})
	}
	return t
}

func (t *target) cause() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lastCause
}

// setCause reports whether err is news.
func (t *target) setCause(err error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	news := err != nil && (t.lastCause == nil || t.lastCause.Error() != err.Error())
	t.lastCause = err
	return news
}

// dueAtOnce ends the pause of a cluster, unless it refused us.
func (t *target) dueAtOnce() {
	if !t.refused {
		t.due = time.Time{}
		t.forgetPause()
	}
}

// forgetPause has the pauses, and those after looks in vain, grow from the beginning again.
func (t *target) forgetPause() { t.pause, t.inVain, t.seen = 0, 0, false }

// refusedError is a refusal when connecting: it lasts until an operator acts.
type refusedError struct {
	what string
	err  error
}

func (e *refusedError) Error() string { return e.what + ": " + e.err.Error() }
func (e *refusedError) Unwrap() error { return e.err }

var errRefusedEverywhere = errors.New("every address refuses connections")

// connect makes a session on t, within ctx: discovery, a probe of the
// addresses, the start of a client, the proxies. We probe because the client
// has no deadline on a TLS handshake and hides why it can't connect (v1.6.0).
func (c *Client) connect(ctx context.Context, t *target, rejoining bool) (*session, error) {
	if t.hung.Load() {
		return nil, errors.New("an earlier attempt to connect still hangs")
	}
	nodes := t.known()
	if !rejoining || len(nodes) == 0 {
		var err error
		if nodes, err = t.discover(ctx); err != nil {
			return nil, err
		}
	}
	reachable, err := t.reachable(ctx, nodes)
	if err != nil {
		return nil, err
	}
	s, err := c.start(ctx, t, reachable)
	if err != nil {
		return nil, err
	}
	s.prepare(ctx, &c.mapNames)
	return s, nil
}

func (t *target) known() []discovery.Node {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.nodes)
}

// learn adds members that no given address names, and forgets them when they leave.
func (t *target) learn(e cluster.MembershipStateChanged) {
	address := string(e.Member.Address)
	if t.DiscoveryURL != "" || slices.Contains(t.Addresses, address) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.nodes = slices.DeleteFunc(t.nodes, func(n discovery.Node) bool { return n.PublicAddr == address })
	if e.State == cluster.MembershipStateAdded {
		t.nodes = append(t.nodes, discovery.Node{PublicAddr: address})
	}
}

// discover asks the discovery URL for the members, at most once a second;
// between two requests the last answer stands.
func (t *target) discover(ctx context.Context) ([]discovery.Node, error) {
	t.asking.Lock()
	defer t.asking.Unlock()
	if t.DiscoveryURL != "" && time.Since(t.asked) >= time.Second {
		t.asked = time.Now()
		var nodes []discovery.Node
		if nodes, t.askErr = t.ask(ctx); t.askErr == nil {
			t.mu.Lock()
			t.nodes = nodes
			t.mu.Unlock()
		}
	}
	return t.known(), t.askErr
}

// maxDiscovery bounds the answer of a discovery URL, in bytes.
const maxDiscovery = 1 << 20

func (t *target) ask(ctx context.Context) ([]discovery.Node, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		strings.TrimSuffix(t.DiscoveryURL, "/")+"/cluster/discovery?token="+url.QueryEscape(string(t.Token)), nil)
	if err != nil {
		return nil, &refusedError{"discovery", errors.New("the URL is malformed")}
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, Proxy: http.ProxyFromEnvironment},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the token stays with this host
	}
	response, err := client.Do(request)
	if err != nil {
		var withURL *url.Error // its text holds the token
		if errors.As(err, &withURL) {
			err = withURL.Err
		}
		return nil, fmt.Errorf("discovery at %s: %w", request.URL.Host, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		err := fmt.Errorf("discovery at %s answered %s", request.URL.Host, response.Status)
		switch response.StatusCode {
		case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
			return nil, &refusedError{"check the discovery URL and token", err}
		}
		return nil, err
	}
	var answer []struct {
		Private string `json:"private-address"`
		Public  string `json:"public-address"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxDiscovery)).Decode(&answer); err != nil {
		return nil, fmt.Errorf("discovery at %s did not answer with a list of members: %w", request.URL.Host, err)
	}
	var nodes []discovery.Node
	for _, member := range answer {
		_, port, err := net.SplitHostPort(member.Public)
		if err != nil || port == "" {
			return nil, fmt.Errorf("discovery at %s answered with an address that is not host:port", request.URL.Host)
		}
		private := member.Private
		if _, _, err := net.SplitHostPort(private); err != nil { // the cloud gives the port with the public address only
			private = net.JoinHostPort(private, port)
		}
		nodes = append(nodes, discovery.Node{PublicAddr: member.Public, PrivateAddr: private})
	}
	if len(nodes) == 0 {
		return nil, fmt.Errorf("discovery at %s knows no members: the cluster may be stopped", request.URL.Host)
	}
	return nodes, nil
}

// probeGrace is how long the other addresses get once one has been reached.
const probeGrace = 200 * time.Millisecond

// reachable returns the nodes with which a TLS handshake succeeds, or an error
// that says why there is none.
func (t *target) reachable(ctx context.Context, nodes []discovery.Node) ([]discovery.Node, error) {
	type result struct {
		node discovery.Node
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan result, len(nodes))
	for _, node := range nodes {
		go func() { results <- result{node, probeAddress(ctx, node.PublicAddr, t.TLS, minListen)} }()
	}
	var good []discovery.Node
	var failures []error
	for range nodes {
		r := <-results
		if r.err != nil {
			failures = append(failures, r.err)
			continue
		}
		if good = append(good, r.node); len(good) == 1 {
			defer time.AfterFunc(probeGrace, cancel).Stop()
		}
	}
	if len(good) > 0 {
		return good, nil
	}
	slices.SortFunc(failures, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) }) // equal causes read equal
	err := failures[0]
	for _, failure := range failures[1:] {
		err = fmt.Errorf("%w; %w", err, failure)
	}
	refused := 0
	for _, failure := range failures {
		var wrongCertificate *tls.CertificateVerificationError
		if errors.As(failure, &wrongCertificate) {
			return nil, &refusedError{"the cluster's certificate is not accepted", failure}
		}
		if strings.Contains(failure.Error(), "remote error: tls:") {
			return nil, &refusedError{"the cluster refuses our certificate", failure}
		}
		if errors.Is(failure, syscall.ECONNREFUSED) {
			refused++
		}
	}
	if refused == len(nodes) {
		return nil, fmt.Errorf("%w: %w", errRefusedEverywhere, err)
	}
	return nil, err
}

// probeAddress connects as far as TLS, and then listens for as long as that
// took, or for least if that is longer. A member waits for us to speak first. But a server that objects to our
// certificate says so only now (TLS 1.3), and a proxy whose member is gone closes
// the connection. Starting a client instead costs far more and tells less.
func probeAddress(ctx context.Context, address string, config *tls.Config, least time.Duration) error {
	begun := time.Now()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if config != nil {
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			return fmt.Errorf("TLS with %s: %w", address, err)
		}
		conn = secure
	}
	_ = conn.SetReadDeadline(time.Now().Add(min(max(time.Since(begun), least), probeGrace)))
	var timeout net.Error
	if _, err := conn.Read(make([]byte, 1)); err != nil && !(errors.As(err, &timeout) && timeout.Timeout()) {
		return fmt.Errorf("%s closes the connection: %w", address, err)
	}
	return nil
}

// minListen is long enough to be told on a local network.
const minListen = 20 * time.Millisecond
