package main

import (
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/zookeeper"
	"github.com/failover-gen/failover-gen/templates/fleet"
	"github.com/failover-gen/failover-gen/templates/zksession"
)

// fleetPage is docs/fleet.md.
func fleetPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("docs/fleet.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// obey takes part in the fleet of example.com/orders as a process that moves at once.
func obey(t *testing.T, addr string) {
	t.Helper()
	m, err := fleet.Join(fleet.Config{Path: "/failover-gen/example.com/orders", Config: zksession.Config{Addresses: []string{addr}, Logger: slog.New(slog.DiscardHandler)}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() { m.Close(); <-ended })
	go func() {
		defer close(ended)
		for {
			name, _, changed := m.Current()
			m.Active(name, time.Now())
			select {
			case <-changed:
			case <-t.Context().Done():
				return
			}
		}
	}()
}

// Every command of docs/fleet.md runs. There is no Kubernetes: what kubectl would apply
// it only prints.
func TestCommandsOfTheFleetPage(t *testing.T) {
	t.Parallel()
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	project, bin := newProject(t)
	clusters, err := os.ReadFile(filepath.Join(project, "clusters.go"))
	if err != nil {
		t.Fatal(err)
	}
	obey(t, zoo.Addr)
	second := regexp.MustCompile(`pr-\d+`).FindAllString(string(clusters), -1)[1]
	script := strings.NewReplacer("zk1:2181,zk2:2181", zoo.Addr, "pr-5678", second).Replace(fleetPage(t))
	commands := 0
	for _, block := range strings.Split(script, "```sh\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		for command := range strings.Lines(block) {
			commands++
			if strings.Contains(command, "kubectl") {
				if _, err := exec.LookPath("kubectl"); err != nil {
					t.Log("there is no kubectl here to run", command)
					continue
				}
				command = "kubectl() { case $1 in create) command kubectl \"$@\" --dry-run=client -o yaml ;; *) command kubectl \"$1\" --help >/dev/null ;; esac; }\n" + command
			}
			inShell(t, filepath.Dir(project), bin, command)
		}
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range regexp.MustCompile(`(?m)^    failover-gen pin .*$`).FindAllString(string(readme), -1) {
		if !strings.Contains(fleetPage(t), "\n"+strings.TrimSpace(command)+"\n") {
			t.Errorf("the README has a command that docs/fleet.md does not: %s", command)
		}
	}
	if commands < 6 {
		t.Errorf("only %d commands were found", commands)
	}
	if out := inShell(t, filepath.Dir(project), bin, "failover-gen pin --registry "+zoo.Addr+" "+second+" orders"); !strings.Contains(out, "pinned to "+second+" at /failover-gen/example.com/orders") {
		t.Errorf("it prints\n%s", out)
	}
}
