package ledger

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var at = time.Date(2026, 11, 22, 3, 0, 0, 123456789, time.FixedZone("", 3600))

var (
	call  = Line{Type: Call, Op: "put", Key: "k", ID: "<id>", Cluster: "c1", Outcome: "unknown", Start: at, End: at.Add(time.Second)}
	event = Line{Type: Event, Event: "CLIENT_CHANGED_CLUSTER", Cluster: "c2", From: "c1", Time: at}
)

// write opens the ledger at path, writes the lines and closes it.
func write(t *testing.T, path string, lines ...Line) {
	t.Helper()
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		l.Write(line)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestEachCallAndEventIsOneLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	write(t, path, call)
	write(t, path, event) // a program that runs again goes on where it ended
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"call","cluster":"c1","op":"put","key":"k","id":"<id>","outcome":"unknown","start":"2026-11-22T02:00:00.123456789Z","end":"2026-11-22T02:00:01.123456789Z"}
{"time":"2026-11-22T02:00:00.123456789Z","type":"event","cluster":"c2","event":"CLIENT_CHANGED_CLUSTER","from":"c1"}
`
	if string(data) != want {
		t.Errorf("ledger:\n%s\nwant:\n%s", data, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestALineIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	write(t, path, call, event)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := json.NewDecoder(file)
	in.DisallowUnknownFields()
	for _, want := range []Line{call, event} {
		var got Line
		if err := in.Decode(&got); err != nil {
			t.Fatal(err)
		}
		for _, at := range []*time.Time{&want.Start, &want.End, &want.Time} {
			*at = at.UTC()
		}
		if got != want {
			t.Errorf("read %+v, want %+v", got, want)
		}
	}
}

func TestLinesOfManyWritersStayWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for n := range 100 {
				l.Write(Line{Type: Call, ID: fmt.Sprint(w, "-", n), Key: strings.Repeat("k", n)})
			}
		})
	}
	writers.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for text := range strings.Lines(string(data)) {
		var line Line
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		seen[line.ID] = true
	}
	if len(seen) != 800 {
		t.Errorf("%d different ids, want 800", len(seen))
	}
}

func TestAKeyThatIsNotJSONDoesNotLoseTheLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	write(t, path, Line{Type: Call, ID: "id-1", Key: make(chan int)})
	data, err := os.ReadFile(path)
	var line Line
	if err == nil {
		err = json.Unmarshal(data, &line)
	}
	if err != nil || line.ID != "id-1" {
		t.Errorf("%v, read %+v", err, line)
	}
}

func TestNoLedgerIsAsked(t *testing.T) {
	l, err := Open("")
	if l != nil || err != nil {
		t.Fatal(l, err)
	}
	l.Write(call)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestLedgerThatCannotBeOpened(t *testing.T) {
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "FAILOVER_LEDGER") {
		t.Error(err)
	}
}
