//go:build unix

package pin

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// mounted is a ConfigMap's volume, written as the kubelet writes it: each version lies in
// a folder of its own, to which the link ..data points, through which the links that
// programs open go. A new version replaces ..data by a rename.
type mounted struct {
	t    *testing.T
	dir  string
	last string
}

func mount(t *testing.T, text string) *mounted {
	m := &mounted{t: t, dir: t.TempDir()}
	m.update(text)
	m.must(os.Symlink(filepath.Join("..data", "cluster"), m.path()))
	return m
}

func (m *mounted) path() string { return filepath.Join(m.dir, "cluster") }

func (m *mounted) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *mounted) update(text string) {
	m.t.Helper()
	version, err := os.MkdirTemp(m.dir, "..2026_11_26_07_00_00.")
	m.must(err)
	m.must(os.WriteFile(filepath.Join(version, "cluster"), []byte(text), 0o644))
	m.must(os.Symlink(filepath.Base(version), filepath.Join(m.dir, "..data_tmp")))
	m.must(os.Rename(filepath.Join(m.dir, "..data_tmp"), filepath.Join(m.dir, "..data")))
	if m.last != "" {
		m.must(os.RemoveAll(m.last))
	}
	m.last = version
}

// followed is a file that a test follows, in the time of the test.
type followed struct {
	*File
	t   *testing.T
	log logged
}

func follow(t *testing.T, path string) *followed {
	ctx, stop := context.WithCancel(t.Context())
	f := &followed{t: t}
	f.File = WatchFile(ctx, path, slog.New(slog.NewTextHandler(&f.log, nil)))
	t.Cleanup(func() { stop(); synctest.Wait() })
	return f
}

// says waits for two looks at the file, and wants it to say that.
func (f *followed) says(name string, known bool) {
	f.t.Helper()
	time.Sleep(2*poll + 2*settle)
	synctest.Wait()
	if got, isKnown, _ := f.Current(); got != name || isKnown != known {
		f.t.Errorf("the file says %q, known: %v; want %q, %v\n%s", got, isKnown, name, known, &f.log)
	}
}

func TestAConfigMapIsFollowed(t *testing.T) {
	m := mount(t, "pr-1234\n")
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, m.path())
		name, known, changed := f.Current()
		if name != "pr-1234" || !known {
			t.Errorf("at the start it is %q, %v", name, known)
		}
		m.update("pr-5678")
		f.says("pr-5678", true)
		select {
		case <-changed:
		default:
			t.Error("the change was not told")
		}
		for text, want := range map[string]string{"none": "", " pr-5678 \n\n": "pr-5678", "": "", "pr-1": "pr-1", "\n": ""} {
			m.update(text)
			f.says(want, true)
		}
		if f.log.String() != "" {
			t.Errorf("it logged\n%s", &f.log)
		}
	})
}

func TestAFileThatIsOfNoUseChangesNothingAndIsLoggedOnce(t *testing.T) {
	for name, spoil := range map[string]func(m *mounted){
		"missing":            func(m *mounted) { m.must(os.Remove(m.path())) },
		"two lines":          func(m *mounted) { m.update("pr-1234\npr-5678\n") },
		"longer than a name": func(m *mounted) { m.update(strings.Repeat("x", maxFile+1)) },
		"a folder":           func(m *mounted) { m.must(os.Remove(m.path())); m.must(os.Mkdir(m.path(), 0o755)) },
		"a pipe":             func(m *mounted) { m.must(os.Remove(m.path())); m.must(syscall.Mkfifo(m.path(), 0o644)) },
		"not text":           func(m *mounted) { m.update("pr\x00") },
	} {
		t.Run(name, func(t *testing.T) {
			m := mount(t, "pr-5678")
			synctest.Test(t, func(t *testing.T) {
				f := follow(t, m.path())
				spoil(m)
				for range 5 {
					f.says("pr-5678", true)
				}
				if n := strings.Count(f.log.String(), "level=WARN"); n != 1 || !strings.Contains(f.log.String(), "FAILOVER_PIN_FILE") {
					t.Errorf("%d warnings, want one:\n%s", n, &f.log)
				}
				m.must(os.RemoveAll(m.path()))
				m.must(os.WriteFile(m.path(), []byte("pr-5678"), 0o644))
				f.says("pr-5678", true)
				if !strings.Contains(f.log.String(), "usable again") {
					t.Errorf("that the file is usable again was not logged:\n%s", &f.log)
				}
				m.must(os.WriteFile(m.path(), []byte("pr-1234"), 0o644))
				f.says("pr-1234", true)
			})
		})
	}
}

func TestAFileThatIsMissingAtTheStartIsFoundLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cluster")
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, path)
		f.says("", false)
		if err := os.WriteFile(path, []byte("pr-5678"), 0o644); err != nil {
			t.Fatal(err)
		}
		f.says("pr-5678", true)
	})
}

// A start without a pin is not told as if there were one that stays, and what follows a
// warning is told even if it is that there is none.
func TestAStartWithoutAFileIsToldAsThat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "pin")
		f := follow(t, path)
		f.says("", false)
		if text := f.log.String(); !strings.Contains(text, "the client has no pin") || strings.Contains(text, "stays as it is") {
			t.Errorf("it logged\n%s", text)
		}
		if err := os.WriteFile(path, []byte(None), 0o644); err != nil {
			t.Fatal(err)
		}
		f.says("", true)
		if text := f.log.String(); !strings.Contains(text, "usable again") {
			t.Errorf("it logged\n%s", text)
		}
	})
}

// A program that truncates the file before it writes leaves half a text for a moment.
func TestHalfAFileDoesNotCount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cluster")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("pr-5678")
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, path)
		time.Sleep(poll - settle/4)
		write("pr-1")
		time.Sleep(settle / 2) // it has been looked at
		write("pr-1234")
		time.Sleep(2 * settle)
		synctest.Wait()
		if name, _, _ := f.Current(); name != "pr-5678" {
			t.Errorf("half a text made it %q", name)
		}
		f.says("pr-1234", true)
	})
}
