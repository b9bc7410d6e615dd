package pin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/zookeeper"
	"github.com/failover-gen/failover-gen/templates/fleet"
	"github.com/failover-gen/failover-gen/templates/zksession"
)

const path = "/failover-gen/example.com/orders"

// obedient is a process that moves as soon as it is told to, unless it is stuck.
func obedient(t *testing.T, addr string, stuck bool) {
	t.Helper()
	m, err := fleet.Join(fleet.Config{Path: path, Config: zksession.Config{Addresses: []string{addr}, Logger: slog.New(slog.DiscardHandler)}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(func() { stop(); <-ended; m.Close() })
	m.Active("a", time.Now())
	go func() {
		defer close(ended)
		for {
			name, known, changed := m.Current()
			if known && name != "" && !stuck {
				m.Active(name, time.Now())
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
}

func load(t *testing.T, addr string) *Service {
	t.Helper()
	t.Chdir(t.TempDir())
	s, err := Load(t.Context(), Request{Registry: addr, Path: path})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shows(t *testing.T, s *Service, processes int) *Status {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		status, err := s.Show(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(status.Processes) == processes {
			return status
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v, want %d processes", status, processes)
		}
	}
}

func TestAllProcessesMove(t *testing.T) {
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	s := load(t, zoo.Addr)
	if status := shows(t, s, 0); status.Pin != "" || status.Path != path {
		t.Errorf("%+v", status)
	}
	for range 3 {
		obedient(t, zoo.Addr, false)
	}
	shows(t, s, 3)
	status, err := s.Move(t.Context(), "b", 20*time.Second)
	if err != nil || status.Pin != "b" || status.Left() > 0 {
		t.Errorf("%+v, %v", status, err)
	}
	if status, err = s.Move(t.Context(), "", time.Second); err != nil || status.Pin != "" || status.Left() > 0 {
		t.Errorf("without a pin: %+v, %v", status, err)
	}
	obedient(t, zoo.Addr, true)
	shows(t, s, 4)
	status, err = s.Move(t.Context(), "c", 2*time.Second)
	if fault.ExitCode(err) != 1 || !strings.Contains(fmt.Sprint(err), "1 of 4 processes have not moved to c within 2s") || status.Left() != 1 {
		t.Errorf("with a stuck process: %+v, %v", status, err)
	}
	if status := shows(t, s, 4); status.Pin != "c" || status.Left() != 1 {
		t.Errorf("%+v", status)
	}
}

// A pin that nobody is seen to follow may be at a wrong path. Processes that come while it
// is waited for count.
func TestAPinWithoutProcesses(t *testing.T) {
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	s := load(t, zoo.Addr)
	status, err := s.Move(t.Context(), "b", 200*time.Millisecond)
	if fault.ExitCode(err) != 1 || !strings.Contains(fmt.Sprint(err), "no process told of itself at "+path) || status.Pin != "b" {
		t.Errorf("%+v, %v", status, err)
	}
	if _, err = s.Move(t.Context(), "", time.Second); err != nil {
		t.Errorf("without a pin: %v", err)
	}
	time.AfterFunc(500*time.Millisecond, func() { obedient(t, zoo.Addr, false) })
	status, err = s.Move(t.Context(), "b", 20*time.Second)
	if err != nil || len(status.Processes) != 1 {
		t.Errorf("%+v, %v", status, err)
	}
}

// Where the registry's error says what to do, nothing else is advised.
func TestOneRemedyForARefusal(t *testing.T) {
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	t.Setenv("FAILOVER_REGISTRY_USER", "alice")
	t.Setenv("FAILOVER_REGISTRY_PASSWORD", "of alice")
	if _, err := load(t, zoo.Addr).Move(t.Context(), "", time.Second); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAILOVER_REGISTRY_USER", "bob")
	_, err := load(t, zoo.Addr).Show(t.Context())
	var f *fault.Fault
	if !errors.As(err, &f) || !strings.Contains(f.Cause, `does not let user "bob" read`) || f.Remedy != "correct FAILOVER_REGISTRY_USER or FAILOVER_REGISTRY_PASSWORD" {
		t.Errorf("%v", err)
	}
}

// The wait goes on while the registry is away.
func TestTheRegistryMayBeLostMeanwhile(t *testing.T) {
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	s := load(t, zoo.Addr)
	obedient(t, zoo.Addr, true)
	shows(t, s, 1)
	restarted := make(chan error, 1)
	time.AfterFunc(time.Second, func() {
		zoo.Kill()
		time.Sleep(500 * time.Millisecond)
		restarted <- zoo.Restart()
	})
	_, err := s.Move(t.Context(), "b", 10*time.Second)
	if fault.ExitCode(err) != 1 || !strings.Contains(fmt.Sprint(err), "1 of 1 processes") {
		t.Errorf("%v, want that the process has not moved", err)
	}
	if err := <-restarted; err != nil {
		t.Fatal(err)
	}
}

func TestARegistryThatDoesNotAnswer(t *testing.T) {
	s := load(t, "127.0.0.1:1")
	s.config.MaximumConnectionTimeout = 200 * time.Millisecond
	for _, do := range []func() error{
		func() error { _, err := s.Show(t.Context()); return err },
		func() error { _, err := s.Move(t.Context(), "b", time.Second); return err },
	} {
		if err := do(); fault.ExitCode(err) != 3 || !strings.Contains(err.Error(), "127.0.0.1:1 is not reached") {
			t.Errorf("%v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Show(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was cancelled", err)
	}
}
