//go:build unix

package golden

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "record what the command line does now as what it shall do, once the projects that it makes build and vet")

// wholeProject is the case that shows all files of a project.
const wholeProject = "generate-whole-project"

// raceDetector says whether this program, which go vet starts once for each package
// and dependency in the cases of vet, was built with the race detector.
var raceDetector bool

const howToRecord = "if it is meant so, record it with: go test ./golden -update"

func TestCommandLineDoesAsTheCasesSay(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases: ", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if raceDetector && strings.HasPrefix(name, "vet-") {
				t.Skip("with the race detector, vet takes minutes to analyse the dependencies for the first time; the case is run without it")
			}
			c, err := readCase(file)
			if err != nil {
				t.Fatal(err)
			}
			got, work := c.run(t, home)
			noSecrets(t, c, got)
			different, show := c.compare(got)
			switch {
			case different == "":
			case *update && t.Failed():
				t.Error("not recorded")
			case *update:
				projectsMustVet(t, got, work)
				record(t, file, c.recorded(got, show))
			default:
				t.Errorf("%s\n%s%s", bytes.TrimSpace(c.archive.Comment), different, howToRecord)
			}
		})
	}
}

// compare returns how got differs from what the case expects, and the files to
// show when it is recorded.
func (c *testCase) compare(got result) (different string, show []txtar.File) {
	var b strings.Builder
	add := func(name string, want, is []byte) { b.Write(diff.Diff("expected "+name, want, name, is)) }
	add(sectionStdout, []byte(c.want.stdout), []byte(got.stdout))
	add(sectionStderr, []byte(c.want.stderr), []byte(got.stderr))
	if c.want.exit != got.exit {
		fmt.Fprintf(&b, "expected exit code %d, it was %d\n", c.want.exit, got.exit)
	}
	add(sectionTree, []byte(c.want.tree), []byte(got.tree))
	files, err := expand(c.want.files)
	if err != nil {
		fmt.Fprintln(&b, err)
	}
	want, left := byName(files), byName(got.files)
	for _, f := range c.want.files {
		name, source, _ := strings.Cut(f.Name, from)
		data, ok := left[name]
		switch {
		case !ok:
			fmt.Fprintf(&b, "expected a file %s, and there is none\n", name)
			continue
		case source == "":
			add(name, want[name], data)
		case !bytes.Equal(want[name], data):
			fmt.Fprintf(&b, "%s is not the same as %s\n", name, source)
		}
		delete(left, name)
		show = append(show, shown(name, data, got.files))
	}
	if c.whole {
		for _, name := range slices.Sorted(maps.Keys(left)) {
			fmt.Fprintf(&b, "%s is not shown\n", name)
			show = append(show, shown(name, left[name], got.files))
		}
		slices.SortFunc(show, func(a, b txtar.File) int { return strings.Compare(a.Name, b.Name) })
	}
	return b.String(), show
}

func byName(files []txtar.File) map[string][]byte {
	content := make(map[string][]byte)
	for _, f := range files {
		content[f.Name] = f.Data
	}
	return content
}

// names lists the paths of two trees.
func names(a, b map[string]item) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// projectsMustVet ends the test if a project that the last command of a case
// wrote in work does not build and vet.
func projectsMustVet(t *testing.T, got result, work string) {
	t.Helper()
	if !strings.Contains("\n"+got.tree, "\n+") && !strings.Contains("\n"+got.tree, "\n~") {
		return
	}
	for _, f := range got.files {
		if path.Base(f.Name) != "go.mod" {
			continue
		}
		for _, verb := range []string{"build", "vet"} {
			if out, err := inProject(filepath.Join(work, filepath.FromSlash(path.Dir(f.Name))), "go", verb, "./..."); err != nil {
				t.Fatalf("not recorded: the generated project does not pass go %s: %v\n%s", verb, err, out)
			}
		}
	}
}

// record writes a case, unless it would not be read as it was written.
func record(t *testing.T, file string, a *txtar.Archive) {
	t.Helper()
	text := txtar.Format(a)
	again := txtar.Parse(text)
	for i, f := range a.Files {
		if i >= len(again.Files) || again.Files[i].Name != f.Name || !bytes.Equal(again.Files[i].Data, f.Data) {
			t.Fatalf("not recorded: txtar cannot hold %s (a line like a section's, or no line end at the end)", f.Name)
		}
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("recorded %s: read the difference", file)
}
