// Package files gives access to the files of a client bundle: an extracted
// directory, a .zip or a .tar.gz, told apart by content, or a single source with
// the files that belong to it. It lists them, reads those that are asked for,
// and finds the file that a source names.
//
// An archive is treated as hostile: nothing is extracted to disk, and names,
// sizes and counts are bounded before anything is believed. No symbolic link
// leads out of a directory. The package knows nothing of what the files say. Its
// errors are faults of kind Input that name the file.
package files

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// MaxFile is the largest file that is read, in bytes; storefile.MaxSize is the same.
const MaxFile = 16 << 20

// Limits on what a bundle may be. The console's have about 20 files and 100 KiB.
const (
	maxArchive = 64 << 20 // the archive file itself
	maxEntries = 4096     // files and folders in it
	maxDepth   = 24       // folders in folders
	maxName    = 512      // bytes of a path inside
	maxTotal   = 48 << 20 // all files that are read
	// maxRatio is how many times its packed size content may have, once it is
	// larger than smallEntry. Sources pack 5 to 20 times.
	maxRatio   = 200
	smallEntry = 1 << 20
)

// Tree is the files of a bundle, wherever they are. Names are slash-separated
// and relative to the bundle's own top folder.
type Tree struct {
	given   string // the path as the user gave it, slash-separated
	archive bool
	source  string // the name of a source that was given by itself, with top
	top     string // the top-level folder with its slash, or ""
	files   []Entry
	// refused says why a file that is there must not be read.
	refused map[string]string
	// fetch reads files by their names with top. Read has checked the sizes.
	fetch  func(names []string) (map[string][]byte, error)
	close  func()
	budget int64
}

// Entry is one file of a tree.
type Entry struct {
	Name string
	Size int64
}

// Given is the path of the bundle as the user gave it, slash-separated.
func (t *Tree) Given() string { return t.given }

// Single reports whether the user gave a source by itself, not its bundle.
func (t *Tree) Single() bool { return t.source != "" }

// Source is the name of the source that the user gave by itself, "" for a bundle.
func (t *Tree) Source() string { return strings.TrimPrefix(t.source, t.top) }

// Entries lists the files, sorted by name.
func (t *Tree) Entries() []Entry { return t.files }

// Close releases the directory or the archive.
func (t *Tree) Close() { t.close() }

// Display names a file as the user would.
func (t *Tree) Display(name string) string {
	switch {
	case t.archive:
		return t.given + "!" + name
	case t.source != "":
		inner, err := filepath.Rel(path.Dir(t.source), t.top+name)
		if err != nil {
			return name // cannot be: both are inside
		}
		return path.Join(path.Dir(t.given), toSlash(inner))
	}
	return path.Join(t.given, t.top+name)
}

// Fault makes an input fault about the bundle as a whole.
func (t *Tree) Fault(cause, remedy string, err error) *fault.Fault {
	return fault.Wrap(fault.Input, fault.In(t.given), cause, remedy, err)
}

// settle sorts the files, drops what belongs to no bundle, and finds the top folder.
func (t *Tree) settle() {
	t.files = slices.DeleteFunc(t.files, func(e Entry) bool { return ignored(e.Name) })
	slices.SortFunc(t.files, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	for {
		folder := commonFolder(t.files)
		if folder == "" {
			break
		}
		t.top += folder
		for i := range t.files {
			t.files[i].Name = t.files[i].Name[len(folder):]
		}
	}
	refused := map[string]string{}
	for name, why := range t.refused {
		refused[strings.TrimPrefix(name, t.top)] = why
	}
	t.refused = refused
	t.budget = maxTotal
}

// ignored reports whether a file does not belong to the bundle: hidden files,
// what macOS adds to archives, and what a build puts beside the sources. Among
// the sources, target is a package like any other.
func ignored(name string) bool {
	sources := false
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") || part == "__MACOSX" || part == "node_modules" || part == "target" && !sources {
			return true
		}
		sources = sources || part == "src"
	}
	return false
}

// commonFolder gives the folder, with its slash, that holds all files. The
// folder src never counts: it is a part of the bundle.
func commonFolder(files []Entry) string {
	if len(files) == 0 {
		return ""
	}
	first, _, found := strings.Cut(files[0].Name, "/")
	if !found || first == "src" {
		return ""
	}
	for _, e := range files {
		if !strings.HasPrefix(e.Name, first+"/") {
			return ""
		}
	}
	return first + "/"
}

// Read reads files of at most limit bytes each, by their names.
func (t *Tree) Read(names []string, limit int64) (map[string][]byte, error) {
	full := make([]string, len(names))
	for i, name := range names {
		at, ok := t.find(name)
		if !ok {
			return nil, t.gone(name)
		}
		size := t.files[at].Size
		if size > limit {
			return nil, fault.New(fault.Input, fault.In(t.Display(name)),
				fmt.Sprintf("the file is larger than %d KiB", limit>>10),
				"a client bundle holds no such file: fetch it from the console again")
		}
		if t.budget -= size; t.budget < 0 {
			return nil, t.Fault(fmt.Sprintf("the files to read are larger than %d MiB together", int64(maxTotal)>>20), "keep only the client's own files in the bundle", nil)
		}
		full[i] = t.top + name
	}
	got, err := t.fetch(full)
	if err != nil {
		return nil, err
	}
	content := make(map[string][]byte, len(names))
	for i, name := range names {
		data, ok := got[full[i]]
		if !ok {
			return nil, t.gone(name)
		}
		content[name] = data
	}
	return content, nil
}

func (t *Tree) gone(name string) error {
	return t.Fault(fmt.Sprintf("the file %q is gone", name), "run again when nothing changes the bundle", nil)
}

// Has reports whether there is a file of this name.
func (t *Tree) Has(name string) bool {
	_, found := t.find(name)
	return found
}

func (t *Tree) find(name string) (int, bool) {
	return slices.BinarySearchFunc(t.files, name, func(e Entry, name string) int { return strings.Compare(e.Name, name) })
}

// toSlash spells a path as the data model does.
func toSlash(p string) string { return filepath.ToSlash(p) }
