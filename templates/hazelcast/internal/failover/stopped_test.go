//go:build unix

package failover

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
)

// A process that was stopped for longer than Silence must not leave the cluster
// for it, though the client may find its connections too old and make new ones.
// The client runs in a child, which prints its events.
func TestProcessStoppedAndContinuedDoesNotSwitch(t *testing.T) {
	t.Parallel()
	if addresses := os.Getenv("FAILOVER_STOPPED_TEST"); addresses != "" {
		printEvents(strings.Split(addresses, ","))
		return
	}
	var addresses []string
	for _, c := range startClusters(t, 2, standin.Options{Plain: true}) {
		addresses = append(addresses, c.Addresses()[0])
	}
	child := exec.Command(os.Args[0], "-test.run=^TestProcessStoppedAndContinuedDoesNotSwitch$")
	child.Env = append(os.Environ(), "FAILOVER_STOPPED_TEST="+strings.Join(addresses, ","))
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() || lines.Text() != "CLIENT_CONNECTED c1" {
		t.Fatalf("the child began with %q", lines.Text())
	}
	time.Sleep(200 * time.Millisecond)
	_ = child.Process.Signal(syscall.SIGSTOP)
	time.Sleep(1500 * time.Millisecond)
	_ = child.Process.Signal(syscall.SIGCONT)
	time.Sleep(700 * time.Millisecond)
	_ = stdin.Close() // ends the child
	for lines.Scan() {
		if strings.HasSuffix(lines.Text(), " c2") {
			t.Errorf("after the stop: %s", lines.Text())
		}
	}
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
}

func printEvents(addresses []string) {
	var clusters []Cluster
	for i, address := range addresses {
		clusters = append(clusters, Cluster{Name: fmt.Sprintf("c%d", i+1), Addresses: []string{address}})
	}
	client, err := New(clusters, Options{Silence: 500 * time.Millisecond, Logger: slog.New(slog.DiscardHandler),
		OnEvent: func(e Event) { fmt.Println(string(e.Type) + " " + e.Cluster) }})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent closes it
	_ = client.Close(context.Background())
}
