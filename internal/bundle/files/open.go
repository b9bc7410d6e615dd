package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

const (
	// GiveBundle is the remedy for a path that holds no bundle.
	GiveBundle = "give the client bundle as the console hands it out: a .zip, a .tar.gz, or the directory unpacked from one"
	fetchAgain = "fetch the bundle from the console again"
)

// Open lists the files at a path: a directory, an archive by its content, or a
// single source. The function source tells how many bytes a source of that name
// may have; it gives 0 for a file that is not a source. The caller closes the tree.
func Open(given string, source func(name string) int64) (*Tree, error) {
	t := &Tree{given: toSlash(given), refused: map[string]string{}, close: func() {}}
	info, err := os.Stat(given)
	switch {
	case given == "":
		return nil, t.Fault("the path of the bundle is empty", GiveBundle, nil)
	case errors.Is(err, fs.ErrNotExist):
		return nil, t.Fault("there is no such file or directory", "check the path; "+GiveBundle, err)
	case err != nil:
		return nil, t.Fault("cannot be looked at: "+reason(err), "check the path and its permissions", err)
	case info.IsDir():
		err = t.openDirectory(given)
	case !info.Mode().IsRegular():
		return nil, t.Fault("is neither a file nor a directory", GiveBundle, nil)
	case source(given) > 0:
		err = t.openSource(given, info.Size(), source)
	default:
		err = t.openArchive(given)
	}
	if err != nil {
		t.close()
		return nil, err
	}
	t.settle()
	return t, nil
}

// reason gives the system's reason without the path, which the fault names already.
func reason(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return "it cannot be read"
}

// openDirectory walks a directory through an os.Root, so that no symbolic link
// leads out of it.
func (t *Tree) openDirectory(given string) error {
	root, err := os.OpenRoot(given)
	if err != nil {
		return t.Fault("cannot be opened: "+reason(err), "check its permissions", err)
	}
	t.close = func() { root.Close() }
	t.fetch = func(names []string) (map[string][]byte, error) { return t.fetchFiles(root, names) }
	seen := 0
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return t.Fault(fmt.Sprintf("the folder %q cannot be listed: %s", name, reason(err)), "check its permissions", err)
		}
		if name != "." && ignored(name) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if seen++; seen > maxEntries || strings.Count(name, "/") >= maxDepth {
			return t.Fault("the directory holds far more than a client bundle", "give the directory of the bundle itself", nil)
		}
		return t.addFile(root, name, d)
	})
}

// addFile lists a regular file, or a link to one inside the root.
func (t *Tree) addFile(root *os.Root, name string, d fs.DirEntry) error {
	if d.IsDir() {
		return nil
	}
	info, err := root.Stat(name)
	switch {
	case !printable(name):
		t.refused[name] = "has a name with characters that cannot be printed"
	case err != nil && d.Type()&fs.ModeSymlink != 0:
		t.refused[name] = "is a symbolic link that leads nowhere, or out of the bundle"
	case err != nil:
		t.refused[name] = "cannot be read"
	case info.Mode().IsRegular():
		t.files = append(t.files, Entry{name, info.Size()})
	default:
		t.refused[name] = "is not a regular file"
	}
	return nil
}

func (t *Tree) fetchFiles(root *os.Root, names []string) (map[string][]byte, error) {
	content := make(map[string][]byte, len(names))
	for _, name := range names {
		f, err := root.Open(name)
		if err != nil {
			return nil, fault.Wrap(fault.Input, fault.In(t.Display(strings.TrimPrefix(name, t.top))),
				"cannot be opened: "+reason(err),
				"check its permissions", err)
		}
		data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
		f.Close()
		if err != nil || len(data) > MaxFile {
			return nil, fault.Wrap(fault.Input, fault.In(t.Display(strings.TrimPrefix(name, t.top))),
				"cannot be read to its end",
				"check the file and the disk", err)
		}
		content[name] = data
	}
	return content, nil
}

// openArchive tells the kinds of archive apart by their first bytes.
func (t *Tree) openArchive(given string) error {
	t.archive = true
	f, err := os.Open(given)
	if err != nil {
		return t.Fault("cannot be opened: "+reason(err), "check its permissions", err)
	}
	t.close = func() { f.Close() }
	info, err := f.Stat()
	if err != nil {
		return t.Fault("cannot be looked at: "+reason(err), "check the file and the disk", err)
	}
	if info.Size() > maxArchive {
		return t.Fault(fmt.Sprintf("the archive is larger than %d MiB", maxArchive>>20), "give the client bundle itself", nil)
	}
	head := make([]byte, 512)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return t.Fault("cannot be read: "+reason(err), "check the file and the disk", err)
	}
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return t.openZip(f, info.Size())
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return t.openTar(f, info.Size())
	}
	return t.notArchive(head)
}

// notArchive says what the file is instead.
func (t *Tree) notArchive(head []byte) error {
	for _, known := range []struct{ magic, what string }{
		{"\xfe\xed\xfe\xed", "a Java keystore"},
		{"\xce\xce\xce\xce", "a Java keystore"},
		{"\x30\x82", "a keystore or a certificate"},
		{"-----BEGIN", "a PEM file"},
		{"7z\xbc\xaf", "a 7z archive"},
		{"Rar!", "a RAR archive"},
		{"BZh", "a bzip2 archive"},
		{"\xfd7zXZ", "an xz archive"},
		{"<!DOCTYPE", "a web page; perhaps the download failed"},
		{"<html", "a web page; perhaps the download failed"},
	} {
		if bytes.HasPrefix(head, []byte(known.magic)) {
			return t.Fault("this is not a client bundle but "+known.what, GiveBundle, nil)
		}
	}
	switch {
	case len(head) == 0:
		return t.Fault("the file is empty", fetchAgain, nil)
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return t.Fault("this is a plain .tar, which is not read", "pack it with gzip, or unpack it and give the directory", nil)
	}
	return t.Fault("this is not a client bundle: it is neither a .zip nor a .tar.gz by its content", GiveBundle, nil)
}
