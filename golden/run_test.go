//go:build unix

package golden

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// now is the time in all cases.
const now = "2026-11-21T12:00:00Z"

// world is what a case must not depend on.
type world struct {
	folder   string   // in which the command stands, made inside a temporary one
	settings []string // of the environment
}

var home = world{"work", []string{"TZ=UTC", settingUmask + "=022"}}

// run does what the case says in w and returns what came of it, and the folder.
func (c *testCase) run(t *testing.T, w world) (result, string) {
	t.Helper()
	base := temporary(t)
	if err := makeFolder(base, w.folder); err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(base, filepath.FromSlash(w.folder))
	files, err := expand(c.given)
	if err != nil {
		t.Fatal(err)
	}
	if err := give(work, files); err != nil {
		t.Fatal(err)
	}
	given := look(t, work)
	for _, line := range c.cmd[:len(c.cmd)-1] {
		if err := do(work, line, w); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	before := look(t, work)
	got, err := failoverGen(work, c.cmd[len(c.cmd)-1], w)
	if err != nil {
		t.Fatal(err)
	}
	after := look(t, work)
	lines, files := list(given, before, after)
	nameDigests(files, after)
	got.files = files
	if c.whole {
		got.tree = treeText(lines)
	} else {
		got.tree = treeText(foldInternal(lines))
		got.stdout = foldOutput(got.stdout)
	}
	return got, work
}

// temporary makes a folder that the user nobody can enter. It makes the folder
// removable again after the case, whatever the case did to what is in it.
func temporary(t *testing.T) string {
	t.Helper()
	base := t.TempDir()
	for _, folder := range []string{filepath.Dir(base), base} {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		_ = filepath.WalkDir(base, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				_ = os.Chmod(name, 0o755) // removing tells if this was not enough
			}
			return nil
		})
	})
	return base
}

// do runs one line that prepares what a case is about.
func do(work, line string, w world) error {
	words, err := split(line)
	if err != nil {
		return err
	}
	at := func(i int) string { return filepath.Join(work, filepath.FromSlash(words[i])) }
	switch {
	case words[0] == "append" && len(words) == 3:
		f, err := os.OpenFile(at(1), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
		if err != nil {
			return err
		}
		_, err = f.WriteString(words[2] + "\n")
		return errors.Join(err, f.Close())
	case words[0] == "cp" && len(words) == 3:
		data, err := os.ReadFile(at(1))
		if err != nil {
			return err
		}
		return writeFile(work, words[2], data)
	case words[0] == "rm" && len(words) == 2:
		return os.RemoveAll(at(1))
	case words[0] == "mkdir" && len(words) == 2:
		return makeFolder(work, words[1])
	case words[0] == "ln" && len(words) == 3:
		return os.Symlink(words[1], at(2))
	case words[0] == "chmod" && len(words) == 3:
		mode, err := strconv.ParseUint(words[1], 8, 9)
		if err != nil {
			return err
		}
		return os.Chmod(at(2), fs.FileMode(mode))
	}
	line, mustFail := strings.CutPrefix(line, "! ")
	got, err := failoverGen(work, line, w)
	if err == nil && (got.exit != 0) != mustFail {
		err = fmt.Errorf("exit code %d\n%s", got.exit, got.stderr)
	}
	return err
}

// goSettings are those by which the go command finds its caches, which lie in the
// user's home otherwise, and asks no network.
var goSettings = sync.OnceValue(func() []string {
	settings := []string{"GOPROXY=off", "GOFLAGS=-mod=readonly"}
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
		value, err := exec.Command("go", "env", name).Output()
		if err == nil { // where there is no Go, the cases that need it fail
			settings = append(settings, name+"="+strings.TrimSpace(string(value)))
		}
	}
	return settings
})

// failoverGen runs this test binary as the command line.
func failoverGen(work, line string, w world) (result, error) {
	words, err := split(line)
	if err != nil {
		return result{}, err
	}
	env := slices.Concat([]string{settingNow + "=" + now, "PATH=" + os.Getenv("PATH")}, goSettings(), w.settings)
	for len(words) > 0 && strings.Contains(words[0], "=") {
		env = append(env, words[0])
		words = words[1:]
	}
	if len(words) == 0 || words[0] != "failover-gen" {
		return result{}, fmt.Errorf("%q is not a command of a case", line)
	}
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute) // vet may have to analyse all dependencies first
	defer cancel()
	cmd := exec.CommandContext(ctx, self, words[1:]...)
	cmd.Dir, cmd.Env = work, env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	var ended *exec.ExitError
	if err != nil && (!errors.As(err, &ended) || !ended.Exited()) {
		return result{}, fmt.Errorf("%s: %w\n%s", line, err, stderr.Bytes())
	}
	return result{stdout: stdout.String(), stderr: stderr.String(), exit: cmd.ProcessState.ExitCode()}, nil
}

// split splits a line at spaces outside of single quotes.
func split(line string) (words []string, err error) {
	word, quoted, open := "", false, false
	for _, r := range line + " " {
		switch {
		case r == '\'':
			open, quoted = !open, true
		case r != ' ' || open:
			word += string(r)
		case word != "" || quoted:
			words = append(words, word)
			word, quoted = "", false
		}
	}
	if open || len(words) == 0 {
		return nil, fmt.Errorf("%q is not a command: a quote is open, or there is nothing", line)
	}
	return words, nil
}

// item is what is at one path.
type item struct {
	info fs.FileInfo
	data []byte
}

// look reads all that is in work, by slash-separated paths; those of folders
// end in a slash.
func look(t *testing.T, work string) map[string]item {
	t.Helper()
	found := make(map[string]item)
	err := filepath.WalkDir(work, func(full string, d fs.DirEntry, err error) error {
		if err != nil || full == work {
			return err
		}
		rel, err := filepath.Rel(work, full)
		if err != nil {
			return err
		}
		var i item
		if i.info, err = d.Info(); err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		switch {
		case d.IsDir():
			name += "/"
		case d.Type().IsRegular():
			i.data, err = os.ReadFile(full)
		}
		found[name] = i
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// treeLine is what the tree of a case says about one path.
type treeLine struct {
	mark byte
	mode fs.FileMode
	name string // that of a folder ends in a slash
}

// asGiven marks a path that is as the case gave it. The tree does not list it.
const asGiven = ' '

// list returns a line for each path, and the files that the tree lists.
func list(given, before, after map[string]item) (lines []treeLine, files []txtar.File) {
	for _, name := range names(before, after) {
		is, there := after[name]
		was, existed := before[name]
		first, isGiven := given[name]
		mark := byte('=')
		switch {
		case there && isGiven && same(first, is):
			mark = asGiven
		case !there:
			mark, is = '-', was
		case !existed:
			mark = '+'
		case !same(was, is):
			mark = '~'
		}
		lines = append(lines, treeLine{mark, is.info.Mode(), name})
		if mark != asGiven && there && is.info.Mode().IsRegular() {
			files = append(files, txtar.File{Name: name, Data: is.data})
		}
	}
	return lines, files
}

// same reports whether nothing was done to what is at a path. A folder's time
// says only that something was done in it.
func same(a, b item) bool {
	if a.info.Mode() != b.info.Mode() || a.info.IsDir() {
		return a.info.Mode() == b.info.Mode()
	}
	inode := func(i item) uint64 { return uint64(i.info.Sys().(*syscall.Stat_t).Ino) }
	return inode(a) == inode(b) && a.info.ModTime().Equal(b.info.ModTime()) && bytes.Equal(a.data, b.data)
}
