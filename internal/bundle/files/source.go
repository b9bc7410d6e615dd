package files

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// openSource lists what belongs to a single source: the files beside it, the
// resources of its project, and what lies at the project's root.
func (t *Tree) openSource(given string, size int64, source func(string) int64) error {
	if limit := source(given); size > limit {
		return t.Fault(fmt.Sprintf("the source is larger than %d KiB", limit>>10), GiveBundle, nil)
	}
	file, err := filepath.Abs(given)
	if err != nil {
		return t.Fault("cannot be looked at: "+reason(err), "check the path and its permissions", err)
	}
	home := projectOf(file)
	root, err := os.OpenRoot(home)
	if err != nil {
		return t.Fault("its folder cannot be opened: "+reason(err), "check its permissions", err)
	}
	t.close = func() { root.Close() }
	t.fetch = func(names []string) (map[string][]byte, error) { return t.fetchFiles(root, names) }
	inner, err := filepath.Rel(home, file)
	if err != nil {
		return t.Fault("cannot be looked at: "+reason(err), GiveBundle, err)
	}
	t.source = toSlash(inner)
	listed := map[string]bool{}
	for _, folder := range []string{path.Dir(t.source), ".", "resources", "src/main/resources"} {
		if listed[folder] {
			continue
		}
		listed[folder] = true
		if err := t.addFolder(root, folder); err != nil {
			return err
		}
	}
	if why := t.refused[t.source]; why != "" {
		return t.Fault("the source "+why, GiveBundle, nil)
	}
	return nil
}

// projectOf gives the folder of a source's project. It is the folder that holds
// src/main/java, or else the folder above the source's if that one has resources,
// or else the source's own folder.
func projectOf(file string) string {
	slashed := filepath.ToSlash(file)
	if i := strings.LastIndex(slashed, "/src/main/java/"); i >= 0 {
		return filepath.FromSlash(slashed[:i+1])
	}
	dir := filepath.Dir(file)
	above := filepath.Dir(dir)
	if info, err := os.Stat(filepath.Join(above, "resources")); err == nil && info.IsDir() && !ignored(filepath.Base(dir)) {
		return above
	}
	return dir
}

// addFolder lists the files directly in a folder. A folder that does not exist has no
// files.
func (t *Tree) addFolder(root *os.Root, folder string) error {
	entries, err := fs.ReadDir(root.FS(), folder)
	if err != nil {
		return nil // without its stores the source says which one is missing
	}
	for _, d := range entries {
		name := path.Join(folder, d.Name())
		if len(t.files) > maxEntries {
			return t.Fault("the folder of the source holds far more than a client bundle", "give the directory of the bundle itself", nil)
		}
		if err := t.addFile(root, name, d); err != nil {
			return err
		}
	}
	return nil
}
