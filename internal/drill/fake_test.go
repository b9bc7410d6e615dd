package drill

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
	"github.com/hazelcast/hazelcast-go-client/cluster/discovery"
	"github.com/hazelcast/hazelcast-go-client/hzerrors"
	"github.com/hazelcast/hazelcast-go-client/logger"
	"github.com/hazelcast/hazelcast-go-client/types"

	"github.com/failover-gen/failover-gen/keystore"
)

// fakeSilence is after how long without an answer the fake gives a cluster up.
const fakeSilence = time.Second

// fake is a small project with a failover of its own, good enough to pass,
// and able to misbehave in one way that a drill must notice.
type fake struct {
	manner   string // "good", or how it misbehaves
	clusters []*fakeCluster
	book     *os.File
	bookMu   sync.Mutex
	active   atomic.Int64
	answered atomic.Int64 // time of the last answer, in nanoseconds
	ids      atomic.Int64
	mu       sync.Mutex // held while switching
}

type fakeCluster struct {
	name, address string
	m             *hazelcast.Map
	client        *hazelcast.Client
}

func runFake(manner string) int {
	if manner == "posts ids" {
		return postIDs()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch manner {
	case "does not start":
		fmt.Println("FAILOVER_1_TOKEN is not set")
		return 1
	case "is idle":
		fmt.Println("what now?")
		<-ctx.Done()
		return 0
	}
	f := &fake{manner: manner}
	if manner != "no ledger" {
		var err error
		if f.book, err = os.OpenFile(os.Getenv("FAILOVER_LEDGER"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	for n := 1; os.Getenv(fmt.Sprintf("FAILOVER_%d_NAME", n)) != ""; n++ {
		c, err := connectFake(n)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		f.clusters = append(f.clusters, c)
	}
	f.event("CLIENT_CONNECTED", 0, -1)
	writers, _ := strconv.Atoi(os.Getenv("FAILOVER_WRITERS"))
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() { f.write(ctx) })
	}
	wg.Wait()
	if manner == "exits with 3" {
		return 3
	}
	return 0
}

// fakeTLS opens the stores of cluster n. Without stores there is no TLS.
func fakeTLS(n int, get func(string) string) (*tls.Config, error) {
	open := func(key string) (*keystore.Store, error) {
		data, err := keystore.ReadFile(get(key))
		if err != nil {
			return nil, err
		}
		return keystore.Decode(data, get(key+"_PASSWORD"), get("KEY_PASSWORD"))
	}
	if get("KEYSTORE") == "" && get("TRUSTSTORE") == "" {
		return nil, nil
	}
	key, err := open("KEYSTORE")
	if err != nil {
		return nil, err
	}
	trust, err := open("TRUSTSTORE")
	if err != nil {
		return nil, err
	}
	return keystore.TLSConfig(key, trust, map[int]string{1: "client", 2: "other"}[n], get("SERVER_NAME"))
}

func connectFake(n int) (*fakeCluster, error) {
	get := func(key string) string { return os.Getenv(fmt.Sprintf("FAILOVER_%d_%s", n, key)) }
	tlsConfig, err := fakeTLS(n, get)
	if err != nil {
		return nil, err
	}
	nodes, err := discoverFake(get("DISCOVERY_URL") + "/cluster/discovery?token=" + get("TOKEN"))
	if err != nil {
		return nil, err
	}
	var cfg hazelcast.Config
	cfg.Logger.Level = logger.OffLevel
	cfg.Cluster.Name = get("NAME")
	cfg.Cluster.Security.Credentials.Username, cfg.Cluster.Security.Credentials.Password = get("USERNAME"), get("PASSWORD")
	cfg.Cluster.Discovery = cluster.DiscoveryConfig{UsePublicIP: true, Strategy: nodes}
	cfg.Cluster.InvocationTimeout = types.Duration(1)
	if tlsConfig != nil {
		cfg.Cluster.Network.SSL.Enabled = true
		cfg.Cluster.Network.SSL.SetTLSConfig(tlsConfig)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	client, err := hazelcast.StartNewClientWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	m, err := client.GetMap(ctx, "map")
	return &fakeCluster{name: get("NAME"), address: nodes[0].PublicAddr, m: m, client: client}, err
}

// fakeNodes is a discovery strategy whose answer is known.
type fakeNodes []discovery.Node

func (n fakeNodes) DiscoverNodes(context.Context) ([]discovery.Node, error) { return n, nil }

func discoverFake(url string) (fakeNodes, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var found []struct {
		Private string `json:"private-address"`
		Public  string `json:"public-address"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&found); err != nil {
		return nil, err
	}
	var nodes fakeNodes
	for _, n := range found {
		_, port, err := net.SplitHostPort(n.Public)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, discovery.Node{PublicAddr: n.Public, PrivateAddr: net.JoinHostPort(n.Private, port)})
	}
	return nodes, nil
}

func (f *fake) note(line map[string]any) {
	if f.book == nil {
		return
	}
	data, _ := json.Marshal(line)
	f.bookMu.Lock()
	defer f.bookMu.Unlock()
	f.book.Write(append(data, '\n'))
}

func (f *fake) event(name string, to, from int) {
	line := map[string]any{"type": "event", "event": name, "cluster": f.clusters[to].name, "time": time.Now().UTC()}
	if from >= 0 {
		line["from"] = f.clusters[from].name
	}
	f.note(line)
}

// write puts unique values until it is told to stop.
func (f *fake) write(ctx context.Context) {
	f.answered.Store(time.Now().UnixNano())
	for ctx.Err() == nil {
		at := int(f.active.Load())
		n := f.ids.Add(1)
		id := fmt.Sprintf("id-%d", n)
		call, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		start := time.Now().UTC()
		var err error
		if lie := f.manner == "lies" && n%10 == 0; !lie {
			_, err = f.clusters[at].m.Put(call, n%1000, id)
		}
		cancel()
		outcome := "unknown"
		switch {
		case err == nil:
			outcome = "acked"
			f.answered.Store(time.Now().UnixNano())
			switch {
			case f.manner == "understates" && n%10 == 0:
				outcome = "not_sent"
			case f.manner == "gives up" && at > 0 && n%10 > 0:
				outcome = "unknown"
				time.Sleep(10 * time.Millisecond)
			}
		case errors.Unwrap(err) == hzerrors.ErrRetryableIO, errors.Is(err, hzerrors.ErrClientOffline):
			outcome = "not_sent"
		}
		f.note(map[string]any{"type": "call", "op": "put", "id": id, "cluster": f.clusters[at].name, "start": start, "end": time.Now().UTC(), "outcome": outcome})
		if err != nil {
			f.failed(at)
		}
		time.Sleep(time.Millisecond) // leaves the processor to those that are tested
	}
}

// failed decides whether the cluster is lost.
func (f *fake) failed(at int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if int(f.active.Load()) != at {
		return
	}
	silent := time.Since(time.Unix(0, f.answered.Load())) >= fakeSilence
	k, err := net.DialTimeout("tcp", f.clusters[at].address, 50*time.Millisecond)
	if err == nil {
		k.Close()
	}
	refused := errors.Is(err, syscall.ECONNREFUSED)
	if f.manner == "panics" {
		panic("out of ideas")
	}
	if f.manner == "crashes" {
		fmt.Println("out of ideas")
		os.Exit(7)
	}
	if f.manner == "never switches" || !silent && !refused && f.manner != "is jumpy" {
		time.Sleep(2 * time.Millisecond)
		return
	}
	to := (at + 1) % len(f.clusters)
	f.event("CLIENT_DISCONNECTED", at, -1)
	if f.manner == "confuses the order" {
		f.event("CLIENT_CHANGED_CLUSTER", to, at)
		f.event("CLIENT_CONNECTED", to, -1)
	} else {
		f.event("CLIENT_CONNECTED", to, -1)
		f.event("CLIENT_CHANGED_CLUSTER", to, at)
	}
	if f.manner == "repeats" {
		f.clusters[to].m.Put(context.Background(), int64(1), "id-1")
	}
	f.answered.Store(time.Now().UnixNano())
	f.active.Store(int64(to))
}
