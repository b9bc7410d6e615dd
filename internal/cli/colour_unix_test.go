//go:build unix

package cli

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

const (
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
)

// Conflicts are coloured on standard output and in the errors, each where it is a
// terminal that can show it, whatever the other one is.
func TestConflictsAreColouredWhereAPersonSeesThem(t *testing.T) {
	folder(t)
	newProject(t)
	if err := os.WriteFile("orders/load.go", []byte("package main // mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		env       map[string]string
		args      []string
		terminals [2]bool // standard output, standard error
		coloured  [2]bool
	}{
		"two terminals":          {terminals: [2]bool{true, true}, coloured: [2]bool{true, true}},
		"errors in a file":       {terminals: [2]bool{true, false}, coloured: [2]bool{true, false}},
		"output in a pipe":       {terminals: [2]bool{false, true}, coloured: [2]bool{false, true}},
		"no terminal":            {},
		"NO_COLOR":               {env: map[string]string{"NO_COLOR": "1"}, terminals: [2]bool{true, true}},
		"TERM=dumb":              {env: map[string]string{"TERM": "dumb"}, terminals: [2]bool{true, true}},
		"--no-color":             {args: []string{"--no-color"}, terminals: [2]bool{true, true}},
		"FORCE_COLOR, no one":    {env: map[string]string{"FORCE_COLOR": "1"}, coloured: [2]bool{true, true}},
		"FORCE_COLOR wins":       {env: map[string]string{"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "dumb"}, coloured: [2]bool{true, true}},
		"FORCE_COLOR=0":          {env: map[string]string{"FORCE_COLOR": "0"}, terminals: [2]bool{true, true}},
		"--no-color is stronger": {env: map[string]string{"FORCE_COLOR": "1"}, args: []string{"--no-color"}},
	} {
		t.Run(name, func(t *testing.T) {
			out, outText := stream(t, c.terminals[0])
			errs, errText := stream(t, c.terminals[1])
			env := map[string]string{"TERM": "xterm"}
			for name, value := range c.env {
				env[name] = value
			}
			args := append([]string{"generate", "--dry-run", "orders"}, c.args...)
			code := Main(Env{Args: args, Stdin: strings.NewReader(""), Stdout: out, Stderr: errs, LookupEnv: lookup(env), Now: time.Now})
			if code != 1 {
				t.Errorf("exit %d", code)
			}
			for i, x := range []struct{ text, coloured, plain string }{
				{outText(), red + "conflict\x1b[0m generated  load.go", "conflict generated  load.go"},
				{errText(), red + "orders/load.go\x1b[0m: was edited", "orders/load.go: was edited"},
			} {
				want, not := x.plain, "\x1b"
				if c.coloured[i] {
					want, not = x.coloured, x.plain
				}
				if !strings.Contains(x.text, want) || strings.Contains(x.text, not) {
					t.Errorf("%s: %q, want %q", []string{"stdout", "stderr"}[i], x.text, want)
				}
			}
		})
	}
}

// stream is a terminal, or what is not one. Text ends it and returns what was written.
func stream(t *testing.T, terminal bool) (w io.Writer, text func() string) {
	t.Helper()
	if !terminal {
		var b bytes.Buffer
		return &b, b.String
	}
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	read := make(chan string)
	go func() {
		data, _ := io.ReadAll(master) // ends with an error once the other side is closed
		read <- string(data)
	}()
	return slave, func() string {
		_ = slave.Close()
		defer master.Close()
		return <-read
	}
}

// The warnings of inspect stand below a line that is coloured. Text of a bundle
// cannot end its colour or begin one.
func TestWarningsOfInspectAreMarked(t *testing.T) {
	var out bytes.Buffer
	a := &app{Env: Env{Stdout: &out, LookupEnv: lookup(map[string]string{"FORCE_COLOR": "1"})}}
	a.printReport("a.zip: java\n  addresses    warnings\n  warnings\n    odd\x1b[0m\n")
	if want := "a.zip: java\n  addresses    warnings\n" + yellow + "  warnings\x1b[0m\n    odd\uFFFD[0m\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	out.Reset()
	a.printReport("a.zip: java\n")
	if out.String() != "a.zip: java\n" {
		t.Errorf("%q", out.String())
	}
}

// An error without a place has its cause coloured; what comes from outside cannot
// steer the terminal.
func TestErrorsWithoutAPlaceAreColoured(t *testing.T) {
	r := run(t, map[string]string{"FORCE_COLOR": "1"}, "generate", "--bogus\x1b[2J")
	if !strings.HasPrefix(r.stderr, red+"unknown flag --bogus\uFFFD[2J\x1b[0m; ") {
		t.Errorf("%q", r.stderr)
	}
}
