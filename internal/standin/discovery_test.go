package standin_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/failover-gen/failover-gen/keystore"
)

// ask sends one discovery request that waits for at most 200 ms.
func ask(c *standin.Cluster, token string) (status int, body string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.DiscoveryURL()+"/cluster/discovery?token="+token, nil)
	if err != nil {
		return 0, "", err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, strings.TrimSpace(string(text)), err
}

func TestDiscovery(t *testing.T) {
	c := start(t, standin.Options{Members: 2, PrivateAddresses: true})
	addrs := c.Addresses()
	want := `[{"private-address":"10.0.0.1","public-address":"` + addrs[0] + `"},{"private-address":"10.0.0.2","public-address":"` + addrs[1] + `"}]`
	right := func(when string) {
		t.Helper()
		if status, body, err := ask(c, c.Token()); status != 200 || body != want || err != nil {
			t.Errorf("%s: %d %q %v, want %q", when, status, body, err, want)
		}
	}
	right("at first")
	if status, body, _ := ask(c, "wrong"); status != http.StatusUnauthorized || strings.Contains(body, "127.0.0.1") {
		t.Errorf("wrong token: %d %q", status, body)
	}
	c.Discovery().Nonsense()
	if status, body, _ := ask(c, c.Token()); status != 200 || !strings.HasPrefix(body, "<html>") {
		t.Errorf("nonsense: %d %q", status, body)
	}
	c.Discovery().Hang()
	if _, _, err := ask(c, c.Token()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hanging: %v", err)
	}
	c.Discovery().Down()
	if _, _, err := ask(c, c.Token()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("down: %v", err)
	}
	if err := c.Discovery().Up(); err != nil {
		t.Fatal(err)
	}
	right("after all")
	if n := c.Discovery().Requests(); n != 5 {
		t.Errorf("%d requests counted, want 5", n)
	}
}

func TestStopFreesHangingRequests(t *testing.T) {
	c := start(t, standin.Options{})
	c.Discovery().Hang()
	done := make(chan error)
	go func() {
		_, _, err := ask(c, c.Token())
		done <- err
	}()
	eventually(t, "the request", func() bool { return c.Discovery().Requests() == 1 })
	c.Freeze()
	c.Stop()
	<-done
	if err := c.Discovery().Up(); err == nil {
		t.Error("discovery came up again after Stop")
	}
	if err := c.Restart(true); err == nil {
		t.Error("the members came up again after Stop")
	}
}

func TestStoresOpenWithTheirPassword(t *testing.T) {
	c := start(t, standin.Options{RSA: true, Alias: "schlüssel"})
	for _, legacy := range []bool{true, false} {
		dir := t.TempDir()
		keyFile, trustFile, err := c.WriteStores(dir, "0123456789a", legacy)
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(dir, "client.keystore"); keyFile != want {
			t.Errorf("keystore at %s, want %s", keyFile, want)
		}
		read := func(name string) []byte {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			return data
		}
		cfg := c.ClientTLS()
		if _, leaf, chain, err := pkcs12.DecodeChain(read(keyFile), "0123456789a"); err != nil || !leaf.Equal(cfg.Certificates[0].Leaf) || len(chain) != 1 {
			t.Errorf("legacy %v: keystore: %v", legacy, err)
		}
		if store, err := keystore.Decode(read(keyFile), "0123456789a", ""); err != nil || store.Keys["schlüssel"].Leaf == nil {
			t.Errorf("legacy %v: alias: %+v, %v", legacy, store, err)
		}
		if trusted, err := pkcs12.DecodeTrustStore(read(trustFile), "0123456789a"); err != nil || len(trusted) != 1 {
			t.Errorf("legacy %v: truststore: %v", legacy, err)
		}
		if _, _, err := pkcs12.Decode(read(keyFile), "wrong"); !errors.Is(err, pkcs12.ErrIncorrectPassword) {
			t.Errorf("legacy %v: wrong password: %v", legacy, err)
		}
	}
	if _, _, err := start(t, standin.Options{Plain: true}).Stores("x", false); err == nil {
		t.Error("a plain cluster gave stores")
	}
}
