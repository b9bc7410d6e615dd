package drill

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"
)

// exitTimeout is how long the project may take to end once it is asked to.
const exitTimeout = 10 * time.Second

// process is the project while it runs.
type process struct {
	cmd    *exec.Cmd
	output tail
	ended  chan struct{} // closed once it has ended
	err    error         // how it ended; valid once ended is closed
}

// startProcess runs binary in dir. When ctx ends it is killed.
func startProcess(ctx context.Context, binary, dir string, env []string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, binary), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = dir, env
	inOwnGroup(p.cmd)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	p.cmd.WaitDelay = time.Second // should a child of it hold the pipe open
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// stop asks the process to end, as a user would by Ctrl-C. It returns what was
// wrong with how the process ended, "" if nothing.
func (p *process) stop() string {
	select {
	case <-p.ended:
		return "the project ended by itself: " + p.describe()
	default:
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.kill()
		return "the project cannot be interrupted: " + err.Error()
	}
	select {
	case <-p.ended:
	case <-time.After(exitTimeout):
		p.kill()
		return fmt.Sprintf("the project did not end within %s of SIGINT and was killed", exitTimeout)
	}
	if p.err != nil {
		return "after SIGINT the project ended with " + p.describe()
	}
	return ""
}

// kill ends the process at once and waits for it.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// describe says how the process ended and what it said last.
func (p *process) describe() string {
	how := "exit code 0"
	if p.err != nil {
		how = p.err.Error()
	}
	return how + p.output.said()
}

// tail keeps the last part of what is written to it. After a panic it keeps the
// first part from there, because the stacks of all goroutines follow.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

const tailSize = 16 << 10

// panicLine finds the first line that the Go runtime prints when it ends a program.
var panicLine = regexp.MustCompile(`(?m)^(?:panic|fatal error): .*`)

// Write keeps p and forgets what is too old.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	extra := len(t.kept) - tailSize
	if extra <= 0 {
		return len(p), nil
	}
	if at := panicLine.FindIndex(t.kept); at != nil {
		extra = min(extra, at[0])
	}
	t.kept = append(t.kept[:0], t.kept[extra:]...)
	t.kept = t.kept[:min(len(t.kept), tailSize)]
	return len(p), nil
}

// said is the line that explains best why a process ended: the panic, else the
// last line, "" if it wrote nothing. It is made to stand behind a sentence.
func (t *tail) said() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if line := panicLine.Find(t.kept); line != nil {
		return "; it said: " + strings.TrimSpace(string(line))
	}
	text := strings.TrimSpace(string(t.kept))
	if text == "" {
		return ""
	}
	return "; its last line: " + text[strings.LastIndexByte(text, '\n')+1:]
}
