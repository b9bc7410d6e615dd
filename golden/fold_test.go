//go:build unix

package golden

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// folded stands for everything below a folder.
const folded = "..."

// foldInternal replaces the lines of each folder named internal by one line,
// where one mark holds for all of them and all modes are the usual ones. Such a
// case stays as it is when a template gets one more file.
func foldInternal(lines []treeLine) []treeLine {
	var out []treeLine
	for len(lines) > 0 {
		first := lines[0]
		end := 1
		for end < len(lines) && strings.HasPrefix(lines[end].name, first.name) {
			end++
		}
		odd := func(l treeLine) bool {
			return l.mark != first.mark || l.mode != fs.ModeDir|0o755 && l.mode != 0o644
		}
		if isInternal(first.name) && end > 1 && first.mark != asGiven && !slices.ContainsFunc(lines[:end], odd) {
			first.name += folded
			lines = lines[end-1:]
		}
		out, lines = append(out, first), lines[1:]
	}
	return out
}

func isInternal(name string) bool {
	return name == "internal/" || strings.HasSuffix(name, "/internal/")
}

// treeText is the tree as a case shows it.
func treeText(lines []treeLine) string {
	var b strings.Builder
	for _, l := range lines {
		if l.mark != asGiven {
			fmt.Fprintf(&b, "%c %s %s\n", l.mark, l.mode, l.name)
		}
	}
	return b.String()
}

var (
	// manyFiles is a count that changes with the number of templates.
	manyFiles = regexp.MustCompile(`\b[0-9]{2,} (files|created|to create|unchanged)\b`)
	// internalFile is a line that ends in a file of a folder named internal.
	internalFile = regexp.MustCompile(`^(.*\s(?:\S+/)?internal/)\S+\n$`)
)

// manyLines is how many lines about a folder named internal become one.
const manyLines = 10

// foldOutput does for what a command prints what foldInternal does for the
// tree: counts of ten and more files become "NN files", and ten or more lines,
// one after the other, that differ only in a path below internal become one.
func foldOutput(text string) string {
	lines := slices.Collect(strings.Lines(manyFiles.ReplaceAllString(text, "NN $1")))
	var b strings.Builder
	for len(lines) > 0 {
		end := 1
		if match := internalFile.FindStringSubmatch(lines[0]); match != nil {
			for end < len(lines) && strings.HasPrefix(lines[end], match[1]) {
				end++
			}
			if end >= manyLines {
				lines[0] = match[1] + folded + "\n"
			} else {
				end = 1
			}
		}
		b.WriteString(lines[0])
		lines = lines[end:]
	}
	return b.String()
}

var (
	digest = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	// templatesDigest changes with every byte of every template.
	templatesDigest = regexp.MustCompile(`("templates": )"[0-9a-f]{64}"`)
)

// nameDigests replaces each SHA-256 of a file by the name of that file, and the
// digest of all templates by a word. A case then changes with the file that it
// is about, and not with the digests of all others.
func nameDigests(files []txtar.File, all map[string]item) {
	nameOf := make(map[string]string)
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(all))) {
		if all[name].info.Mode().IsRegular() {
			nameOf[fmt.Sprintf("%x", sha256.Sum256(all[name].data))] = name
		}
	}
	for i, f := range files {
		text := templatesDigest.ReplaceAll(f.Data, []byte(`$1"(sha256 of the templates)"`))
		files[i].Data = digest.ReplaceAllFunc(text, func(sum []byte) []byte {
			if name, ok := nameOf[string(sum)]; ok {
				return []byte("(sha256 of " + name + ")")
			}
			return sum
		})
	}
}

// Folders are folded only where nothing in them differs from the rest.
func TestFoldersOfOneMarkAreFolded(t *testing.T) {
	const folder = fs.ModeDir | 0o755
	tree := func(lines ...treeLine) string { return treeText(foldInternal(lines)) }
	top := []treeLine{{'=', folder, "a/"}, {'=', folder, "a/internal/"}, {'=', 0o644, "a/internal/x.go"}}
	last := treeLine{'=', 0o644, "a/main.go"}
	if got, want := tree(append(slices.Clone(top), last)...), "= drwxr-xr-x a/\n= drwxr-xr-x a/internal/...\n= -rw-r--r-- a/main.go\n"; got != want {
		t.Errorf("all of one mark:\n%s, want\n%s", got, want)
	}
	for what, odd := range map[string]treeLine{
		"one file more":        {'+', 0o644, "a/internal/y.go"},
		"one file less":        {'-', 0o644, "a/internal/y.go"},
		"one file replaced":    {'~', 0o644, "a/internal/y.go"},
		"one file as given":    {asGiven, 0o644, "a/internal/y.go"},
		"one file executable":  {'=', 0o755, "a/internal/y.go"},
		"one folder protected": {'=', fs.ModeDir | 0o700, "a/internal/y/"},
		"one link":             {'=', fs.ModeSymlink | 0o777, "a/internal/y.go"},
	} {
		lines := append(slices.Clone(top), odd, last)
		if got, want := tree(lines...), treeText(lines); got != want {
			t.Errorf("%s:\n%s, want all lines:\n%s", what, got, want)
		}
	}
	if got := tree(treeLine{'+', folder, "internal/"}); got != "+ drwxr-xr-x internal/\n" {
		t.Errorf("an empty folder: %s", got)
	}
}

// Output is folded where it lists many files, and never where it names a few.
func TestLongListsAreFolded(t *testing.T) {
	lists := func(n int) string {
		text := "a: created, 9 files\n"
		for i := range n {
			text += fmt.Sprintf("  keep  generated  internal/x/%d.go\n", i)
		}
		return text + "  keep  yours  main.go\n"
	}
	if got := foldOutput(lists(manyLines - 1)); got != lists(manyLines-1) {
		t.Errorf("a few lines became\n%s", got)
	}
	const want = "a: created, 9 files\n  keep  generated  internal/...\n  keep  yours  main.go\n"
	if got := foldOutput(lists(manyLines)); got != want {
		t.Errorf("many lines became\n%s", got)
	}
	if got := foldOutput("a: created, 35 files\n"); got != "a: created, NN files\n" {
		t.Errorf("a count became %s", got)
	}
}

// A digest is named only where it is that of a file.
func TestDigestsAreNamed(t *testing.T) {
	work := t.TempDir()
	if err := writeFile(work, "a/x.go", []byte("x\n")); err != nil {
		t.Fatal(err)
	}
	right, wrong := fmt.Sprintf("%x", sha256.Sum256([]byte("x\n"))), strings.Repeat("0f", 32)
	files := []txtar.File{{Name: "lock", Data: fmt.Appendf(nil, "%q: %q, %q: %q", "right", right, "wrong", wrong)}}
	nameDigests(files, look(t, work))
	if got, want := string(files[0].Data), fmt.Sprintf("%q: %q, %q: %q", "right", "(sha256 of a/x.go)", "wrong", wrong); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
