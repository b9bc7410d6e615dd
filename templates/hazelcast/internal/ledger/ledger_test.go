package ledger

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
	"github.com/failover-gen/failover-gen/templates/outcome"
)

func TestLedgerHasALineForEachCallAndEvent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.FixedZone("", 3600))
	for range 2 { // the second run of a program goes on where the first ended
		l, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		l.Call(failover.Result{Op: "put", Key: 7, Value: "id-1", Cluster: "c1", Outcome: outcome.Unknown, Start: at, End: at.Add(time.Second)})
		l.Event(failover.Event{Type: failover.ChangedCluster, Cluster: "c2", From: "c1", Time: at})
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat(`{"cluster":"c1","end":"2026-11-22T02:00:01Z","id":"id-1","key":"7","op":"put","outcome":"unknown","start":"2026-11-22T02:00:00Z","type":"call"}
{"cluster":"c2","event":"CLIENT_CHANGED_CLUSTER","from":"c1","time":"2026-11-22T02:00:00Z","type":"event"}
`, 2)
	if string(data) != want {
		t.Errorf("ledger:\n%s\nwant:\n%s", data, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestNoLedgerIsAsked(t *testing.T) {
	l, err := Open("")
	if l != nil || err != nil {
		t.Fatal(l, err)
	}
	l.Call(failover.Result{})
	l.Event(failover.Event{})
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestLedgerThatCannotBeOpened(t *testing.T) {
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "FAILOVER_LEDGER") {
		t.Error(err)
	}
}
