package fabric

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// process is a program that a test has started. It ends with the test.
type process struct {
	t        *testing.T
	name     string
	cmd      *exec.Cmd
	out, log string        // files: what it printed, what it logged
	ended    chan struct{} // closed when it has ended
}

// start starts a program. What it printed and logged is shown if the test fails.
func start(t *testing.T, name string, cmd *exec.Cmd) *process {
	t.Helper()
	dir := t.TempDir()
	p := &process{t: t, name: name, cmd: cmd, ended: make(chan struct{}),
		out: filepath.Join(dir, "out"), log: filepath.Join(dir, "log")}
	out, err := os.Create(p.out)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = out, log
	cmd.SysProcAttr = endsWithUs()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s printed:\n%s\nand logged:\n%s", name, end(p.printed()), end(p.logged()))
		}
	})
	return p
}

// kill ends the process as kill -9 does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

func (p *process) printed() string { return read(p.out) }
func (p *process) logged() string  { return read(p.log) }

func read(path string) string {
	data, _ := os.ReadFile(path)
	return string(data)
}

// end returns the last lines of a text.
func end(text string) string { return text[max(0, len(text)-3000):] }

// await waits until something holds that the process does. JVMs on a busy
// machine take more than a minute; a process that has ended is noticed at once.
func (p *process) await(what string, holds func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		select {
		case <-p.ended:
			p.t.Fatalf("%s ended by itself before %s", p.name, what)
		default:
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s: within two minutes it is not so that %s", p.name, what)
		}
	}
}

// applied returns the ids that a server has written into its ledger.
func (s *server) applied() []string { return strings.Fields(read(s.ledger)) }
