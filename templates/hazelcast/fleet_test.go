package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/failover-gen/failover-gen/internal/zookeeper"
	"github.com/failover-gen/failover-gen/templates/fleet"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
)

// onStandIns is a setup of two stand-in clusters, "a" and "b".
func onStandIns(t *testing.T) *setup {
	t.Helper()
	var targets []failover.Cluster
	for _, name := range []string{"a", "b"} {
		c, err := standin.Start(standin.Options{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Stop)
		targets = append(targets, failover.Cluster{Name: name, Addresses: c.Addresses(), TLS: c.ClientTLS()})
	}
	return setupOf(targets...)
}

// started starts a client, and ends it with the test.
func started(t *testing.T, s *setup, o failover.Options) (*failover.Client, *lines) {
	t.Helper()
	log := &lines{}
	o.Logger = slog.New(slog.NewTextHandler(log, nil))
	client, stop, err := startClient(s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := client.Close(ctx); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the log:\n%s", log)
		}
	})
	return client, log
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestTheClientFollowsTheFile(t *testing.T) {
	s := onStandIns(t)
	s.PinFile = filepath.Join(t.TempDir(), "pin")
	write := func(text string) {
		if err := os.WriteFile(s.PinFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("b\n")
	client, log := started(t, s, failover.Options{})
	eventually(t, "b is active", func() bool { return client.Stats().Active == "b" })
	write("a")
	eventually(t, "a is active", func() bool { return client.Stats().Active == "a" })
	write("none")
	eventually(t, "the free client has a standby", func() bool { return client.Stats().Standby == "b" })
	if s := client.Stats(); s.Switches != 1 || s.Active != "a" {
		t.Errorf("%+v", s)
	}
	for _, want := range []string{"pinned: no other cluster is used\" pin=b", "pinned: no other cluster is used\" pin=a", "taken away"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("it did not log %q", want)
		}
	}
}

func TestTheClientFollowsTheRegistry(t *testing.T) {
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	s := onStandIns(t)
	s.Registry.Addresses = []string{zoo.Addr}
	config, err := fleetConfig(s)
	if err != nil || config.Path != "/failover-gen/github.com/failover-gen/failover-gen/templates/hazelcast" {
		t.Fatalf("%+v, %v", config, err)
	}
	operator, err := fleet.Connect(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer operator.Close()
	if err := operator.SetPin("b"); err != nil {
		t.Fatal(err)
	}
	client, _ := started(t, s, failover.Options{})
	for _, pin := range []string{"b", "a"} {
		if err := operator.SetPin(pin); err != nil {
			t.Fatal(err)
		}
		eventually(t, pin+" is active, and told", func() bool {
			reports, err := operator.Reports()
			return err == nil && client.Stats().Active == pin && len(reports) == 1 && reports[0].Cluster == pin
		})
	}
	if n := client.Stats().Switches; n != 1 {
		t.Errorf("%d switches, want one: it starts with the pin", n)
	}
}

// A program of the user's may leave the logger out.
func TestAPinWithoutALogger(t *testing.T) {
	s := onStandIns(t)
	client, stop, err := startClient(s, failover.Options{Pin: "b"})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	eventually(t, "b is active", func() bool { return client.Stats().Active == "b" })
	if err := client.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// A start does not wait forever for a registry that is away.
func TestAStartWithoutTheRegistry(t *testing.T) {
	s := onStandIns(t)
	s.Registry.Addresses = []string{"127.0.0.1:1"}
	client, log := started(t, s, failover.Options{})
	eventually(t, "the first is active", func() bool { return client.Stats().Active == "a" })
	if text := log.String(); !strings.Contains(text, "starts without one") || !strings.Contains(text, "127.0.0.1:1 is not reached") {
		t.Error(text)
	}
}

func TestWhatSetsThePinTwiceIsRefused(t *testing.T) {
	s := setupOf(failover.Cluster{Name: "a", Addresses: []string{"127.0.0.1:1"}})
	s.PinFile = "pin"
	if _, _, err := startClient(s, failover.Options{Pin: "a"}); err == nil || !strings.Contains(err.Error(), "keep one") {
		t.Errorf("%v", err)
	}
}

func TestCheckTellsWhereThePinIsHeld(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"good": "b\n", "free": "", "wrong": "hidden"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	path := func(name string) string { return filepath.Join(dir, name) }
	tests := map[string]struct {
		set  func(s *setup)
		want string
		bad  bool
	}{
		"file":     {func(s *setup) { s.PinFile = path("good") }, "the pin is that of " + path("good") + ", which is followed; now: pinned to b", false},
		"no pin":   {func(s *setup) { s.PinFile = path("free") }, "now: no pin", false},
		"unknown":  {func(s *setup) { s.PinFile = path("wrong") }, path("wrong") + " names no cluster of this program", true},
		"missing":  {func(s *setup) { s.PinFile = path("none") }, "FAILOVER_PIN_FILE: stat " + path("none"), true},
		"registry": {func(s *setup) { s.Registry.Addresses = []string{"zk1", "zk2:2182"} }, "hazelcast in the registry at zk1:2181, zk2:2182, which is followed\n  no TLS", false},
		"secured": {func(s *setup) {
			s.Registry.Addresses, s.Registry.Path, s.Registry.User, s.Registry.Password, s.Registry.CA = []string{"zk"}, "/fleet", "u", "hidden", path("none")
		}, "FAILOVER_REGISTRY_CA: open ", true},
		"login": {func(s *setup) {
			s.Registry.Addresses, s.Registry.Path, s.Registry.User, s.Registry.Password = []string{"zk"}, "/fleet", "u", "hidden"
		}, "the pin is that of /fleet in the registry at zk:2181, which is followed\n  user u, with a password\n", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := setupOf(failover.Cluster{Name: "a", Addresses: []string{"h:1"}}, failover.Cluster{Name: "b", Addresses: []string{"h:2"}})
			test.set(s)
			var out bytes.Buffer
			err := check(&out, s, failover.Options{})
			text := out.String() + fmt.Sprint(err)
			if !strings.Contains(text, test.want) || (err != nil) != test.bad || strings.Contains(text, "hidden") {
				t.Errorf("it printed\n%s\nand returned %v; want %q", &out, err, test.want)
			}
		})
	}
}

// A project without "pin: registry" says how to get it.
func TestAProjectWithoutARegistrysClientSaysSo(t *testing.T) {
	join, describe := joinFleet, describeRegistry
	joinFleet, describeRegistry = nil, nil
	defer func() { joinFleet, describeRegistry = join, describe }()
	s := setupOf(failover.Cluster{Name: "a", Addresses: []string{"127.0.0.1:1"}})
	s.Registry.Addresses = []string{"zk"}
	if _, _, err := startClient(s, failover.Options{}); err == nil || !strings.Contains(err.Error(), `set "pin: registry" in failover.yaml`) {
		t.Errorf("%v", err)
	}
	if err := check(&bytes.Buffer{}, s, failover.Options{}); err == nil || !strings.Contains(err.Error(), `"pin: registry"`) {
		t.Errorf("%v", err)
	}
}
