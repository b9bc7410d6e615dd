package bundle

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Limits on what a bundle may be. The console's have about 20 files and 100 KiB.
const (
	maxArchive = 64 << 20 // the archive file itself
	maxEntries = 4096     // files and folders in it
	maxDepth   = 24       // folders in folders
	maxName    = 512      // bytes of a path inside
	maxFile    = 16 << 20 // one file that is read; storefile.MaxSize is the same
	maxTotal   = 48 << 20 // all files that are read
	// maxRatio is how much larger than its packed form content may be, once it
	// is larger than smallEntry. Java sources pack 5 to 20 times.
	maxRatio   = 200
	smallEntry = 1 << 20
)

// tree is the files of a bundle, wherever they are. Names are slash-separated
// and relative to the bundle's own top folder.
type tree struct {
	given   string // the path as the user gave it, slash-separated
	archive bool
	source  string // where a single source was given: its name, with top
	top     string // the top-level folder with its slash, or ""
	files   []entry
	// refused says of files that are there but must not be read why not.
	refused map[string]string
	// fetch reads files by their names with top; it need not check sizes.
	fetch  func(names []string) (map[string][]byte, error)
	close  func()
	budget int64
}

type entry struct {
	name string
	size int64
}

// display names a file as the user would.
func (t *tree) display(name string) string {
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

// fault makes an input fault about the bundle as a whole.
func (t *tree) fault(cause, remedy string, err error) *fault.Fault {
	return fault.Wrap(fault.Input, fault.In(t.given), cause, remedy, err)
}

// settle sorts the files, drops what belongs to no bundle, and finds the top folder.
func (t *tree) settle() {
	t.files = slices.DeleteFunc(t.files, func(e entry) bool { return ignored(e.name) })
	slices.SortFunc(t.files, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	for {
		folder := commonFolder(t.files)
		if folder == "" {
			break
		}
		t.top += folder
		for i := range t.files {
			t.files[i].name = t.files[i].name[len(folder):]
		}
	}
	refused := map[string]string{}
	for name, why := range t.refused {
		refused[strings.TrimPrefix(name, t.top)] = why
	}
	t.refused = refused
	t.budget = maxTotal
}

// ignored reports whether a file is not the bundle's: hidden files, what macOS
// adds to archives, and what a build puts beside the sources. Among the sources
// target is a package like any other.
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

// commonFolder gives the folder, with its slash, that holds all files; src is
// the bundle's own and never that.
func commonFolder(files []entry) string {
	if len(files) == 0 {
		return ""
	}
	first, _, found := strings.Cut(files[0].name, "/")
	if !found || first == "src" {
		return ""
	}
	for _, e := range files {
		if !strings.HasPrefix(e.name, first+"/") {
			return ""
		}
	}
	return first + "/"
}

// read fetches files of at most limit bytes each.
func (t *tree) read(names []string, limit int64) (map[string][]byte, error) {
	full := make([]string, len(names))
	for i, name := range names {
		at, ok := t.find(name)
		if !ok {
			return nil, t.gone(name)
		}
		size := t.files[at].size
		if size > limit {
			return nil, fault.New(fault.Input, fault.In(t.display(name)),
				fmt.Sprintf("the file is larger than %d KiB", limit>>10),
				"a client bundle holds no such file: fetch it from the console again")
		}
		if t.budget -= size; t.budget < 0 {
			return nil, t.fault(fmt.Sprintf("the files to read are larger than %d MiB together", int64(maxTotal)>>20), "keep only the client's own files in the bundle", nil)
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

func (t *tree) gone(name string) error {
	return t.fault(fmt.Sprintf("the file %q is gone", name), "try again when nothing changes the bundle", nil)
}

func (t *tree) find(name string) (int, bool) {
	return slices.BinarySearchFunc(t.files, name, func(e entry, name string) int { return strings.Compare(e.name, name) })
}

// toSlash spells a path as the data model does.
func toSlash(p string) string { return filepath.ToSlash(p) }
