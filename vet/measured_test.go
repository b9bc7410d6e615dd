package vet

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/logger"
)

// fatalstart: nothing but its context ends a start while the cluster is away,
// whether nobody listens or a member says nothing.
func TestStartEndsWithItsContextOnly(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mute.Close() })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, address := range map[string]string{"mute": mute.Addr().String(), "closed": closed.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := hazelcast.NewConfig()
			config.Logger.Level = logger.OffLevel
			config.Cluster.Network.SetAddresses(address)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			started := make(chan error, 1)
			go func() {
				_, err := hazelcast.StartNewClientWithConfig(ctx, config)
				started <- err
			}()
			select {
			case err := <-started:
				t.Errorf("the start ended by itself: %v", err)
			case <-time.After(3 * time.Second):
			}
			cancel()
			select {
			case err := <-started:
				if err == nil {
					t.Error("a client was started")
				}
			case <-time.After(20 * time.Second):
				t.Error("the start went on after its context had ended")
			}
		})
	}
}

// unbounded: no timeout of a server gives the context of a request a deadline.
func TestRequestContextHasNoDeadline(t *testing.T) {
	found := make(chan string, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, has := r.Context().Deadline()
		select {
		case <-r.Context().Done():
			found <- "it ended"
		case <-time.After(500 * time.Millisecond):
			what := ""
			if has {
				what = "it has a deadline"
			}
			found <- what
		}
	}))
	server.Config.ReadTimeout = 50 * time.Millisecond
	server.Config.WriteTimeout = 50 * time.Millisecond
	server.Config.IdleTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	go http.Get(server.URL)
	if what := <-found; what != "" {
		t.Errorf("the request's context: %s", what)
	}
}
