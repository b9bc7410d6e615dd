package standin

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Discovery answers GET /cluster/discovery?token=... on 127.0.0.1 over plain
// HTTP. It answers 200 with the addresses of all members, also of those that are
// down, as the cloud does for some minutes. It answers a wrong token with 401.
type Discovery struct {
	c        *Cluster
	port     int
	requests atomic.Int64
	release  chan struct{} // closed by stop, frees hanging requests

	mu     sync.Mutex
	server *http.Server // nil while down
	done   chan struct{}
	mode   discoveryMode
	woken  chan struct{} // closed when the mode changes
}

type discoveryMode int

const (
	answering discoveryMode = iota
	hanging
	nonsense
)

func newDiscovery(c *Cluster) (*Discovery, error) {
	d := &Discovery{c: c, release: make(chan struct{}), woken: make(chan struct{})}
	l, err := listenLow()
	if err != nil {
		return nil, fmt.Errorf("stand-in %s: discovery: %w", c.opts.Name, err)
	}
	d.port = l.Addr().(*net.TCPAddr).Port
	d.serve(l)
	return d, nil
}

func (d *Discovery) url() string { return "http://127.0.0.1:" + strconv.Itoa(d.port) }

// serve starts a server on l. The caller holds d.mu or is the constructor.
func (d *Discovery) serve(l net.Listener) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cluster/discovery", d.answer)
	server, done := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}, make(chan struct{})
	d.server, d.done = server, done
	go func() {
		defer close(done)
		server.Serve(l) // returns when closed
	}()
}

func (d *Discovery) answer(w http.ResponseWriter, r *http.Request) {
	d.requests.Add(1)
	d.mu.Lock()
	mode, woken := d.mode, d.woken
	d.mu.Unlock()
	for mode == hanging {
		select {
		case <-r.Context().Done():
			return
		case <-d.release:
			return
		case <-woken:
		}
		d.mu.Lock()
		mode, woken = d.mode, d.woken
		d.mu.Unlock()
	}
	if mode == nonsense {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html><body>Bad gateway</body></html>")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if subtle.ConstantTimeCompare([]byte(r.URL.Query().Get("token")), []byte(d.c.opts.Token)) != 1 {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"message":"Unauthorized"}`)
		return
	}
	type node struct {
		Private string `json:"private-address"`
		Public  string `json:"public-address"`
	}
	var nodes []node
	for _, m := range d.c.members {
		host, _ := m.advertised()
		nodes = append(nodes, node{Private: host, Public: m.public()})
	}
	json.NewEncoder(w).Encode(nodes)
}

// Requests returns how many requests arrived since Start, also refused ones.
func (d *Discovery) Requests() int { return int(d.requests.Load()) }

// Down refuses connections, as if the service were gone, and cuts open ones.
func (d *Discovery) Down() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.close()
}

// Up ends Down, Hang and Nonsense.
func (d *Discovery) Up() error {
	d.set(answering)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.server != nil {
		return nil
	}
	select {
	case <-d.release:
		return errStopped
	default:
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(d.port)))
	if err != nil {
		return fmt.Errorf("stand-in %s: discovery: %w", d.c.opts.Name, err)
	}
	d.serve(l)
	return nil
}

// Hang accepts requests and keeps them waiting until Up or Stop.
func (d *Discovery) Hang() { d.set(hanging) }

// Nonsense answers 200 with something that is not a list of addresses.
func (d *Discovery) Nonsense() { d.set(nonsense) }

func (d *Discovery) set(mode discoveryMode) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mode = mode
	close(d.woken)
	d.woken = make(chan struct{})
}

// close ends the server and waits for it. The caller holds d.mu.
func (d *Discovery) close() {
	if d.server == nil {
		return
	}
	d.server.Close()
	<-d.done
	d.server = nil
}

func (d *Discovery) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.release:
	default:
		close(d.release)
	}
	d.close()
}
