package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The commands of docs/metrics.md give a project that serves its metrics, and none of
// its secrets. Those of promtool are run beside the metrics.
func TestCommandsOfTheMetricsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	project, bin := newProject(t)
	dir := filepath.Dir(project)
	if err := os.RemoveAll(project); err != nil { // the page makes one
		t.Fatal(err)
	}
	port := freePort(t)
	served := ""
	for _, line := range regexp.MustCompile(`(?m)^    (.+)$`).FindAllStringSubmatch(string(page), -1) {
		command := strings.ReplaceAll(line[1], "8080", port)
		flags, isRun := strings.CutPrefix(command, "cd orders && go run . ")
		url, isCurl := strings.CutPrefix(command, "curl ")
		switch {
		case isRun:
			inShell(t, project, bin, "go build -o ../app .")
			program := exec.Command(filepath.Join(dir, "app"), strings.Fields(flags)...)
			program.Dir = project
			if err := program.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = program.Process.Kill(); _ = program.Wait() })
		case isCurl:
			served = get(t, url)
		case !strings.HasPrefix(command, "promtool "):
			inShell(t, dir, bin, command)
		}
	}
	if !strings.Contains(served, "\nfailover_switches_total 0\n") {
		t.Errorf("what is served is\n%s", served)
	}
	dotenv, err := os.ReadFile(filepath.Join(project, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	secrets := regexp.MustCompile(`='(.+)'`).FindAllStringSubmatch(string(dotenv), -1)
	for _, secret := range secrets {
		if strings.Contains(served, secret[1]) {
			t.Error("the page of the metrics holds a secret of .env")
		}
	}
	if len(secrets) == 0 {
		t.Error("no secret was found in .env")
	}
}

// freePort is a port at which nothing listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// get asks for a page until there is an answer, for up to 20 s.
func get(t *testing.T, url string) string {
	t.Helper()
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		answer, err := http.Get(url)
		if err != nil && time.Since(start) < 20*time.Second {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return string(text)
	}
}
