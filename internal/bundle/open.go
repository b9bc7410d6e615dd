package bundle

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
	giveBundle = "give the client bundle as the console hands it out: a .zip, a .tar.gz, or the directory unpacked from one"
	fetchAgain = "fetch the bundle from the console again"
)

// open lists the files at a path: a directory, a single Java source, or an
// archive by its content.
func open(given string) (*tree, error) {
	t := &tree{given: toSlash(given), refused: map[string]string{}, close: func() {}}
	info, err := os.Stat(given)
	switch {
	case given == "":
		return nil, t.fault("the path of the bundle is empty", giveBundle, nil)
	case errors.Is(err, fs.ErrNotExist):
		return nil, t.fault("there is no such file or directory", "check the path; "+giveBundle, err)
	case err != nil:
		return nil, t.fault("cannot be looked at: "+reason(err), "check the path and its permissions", err)
	case info.IsDir():
		err = t.openDirectory(given)
	case !info.Mode().IsRegular():
		return nil, t.fault("is neither a file nor a directory", giveBundle, nil)
	case strings.EqualFold(suffix(given), ".java"):
		err = t.openSource(given, info.Size())
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
func (t *tree) openDirectory(given string) error {
	root, err := os.OpenRoot(given)
	if err != nil {
		return t.fault("cannot be opened: "+reason(err), "check its permissions", err)
	}
	t.close = func() { root.Close() }
	t.fetch = func(names []string) (map[string][]byte, error) { return t.fetchFiles(root, names) }
	seen := 0
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return t.fault(fmt.Sprintf("the folder %q cannot be listed: %s", name, reason(err)), "check its permissions", err)
		}
		if name != "." && ignored(name) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if seen++; seen > maxEntries || strings.Count(name, "/") >= maxDepth {
			return t.fault("the directory holds far more than a client bundle", "give the directory of the bundle itself", nil)
		}
		return t.addFile(root, name, d)
	})
}

// addFile lists a regular file, or a link to one inside the root.
func (t *tree) addFile(root *os.Root, name string, d fs.DirEntry) error {
	if d.IsDir() {
		return nil
	}
	info, err := root.Stat(name)
	switch {
	case !printable(name):
		t.refused[name] = "has a name that is no text"
	case err != nil && d.Type()&fs.ModeSymlink != 0:
		t.refused[name] = "is a symbolic link that leads nowhere, or out of the bundle"
	case err != nil:
		t.refused[name] = "cannot be read"
	case info.Mode().IsRegular():
		t.files = append(t.files, entry{name, info.Size()})
	default:
		t.refused[name] = "is no regular file"
	}
	return nil
}

func (t *tree) fetchFiles(root *os.Root, names []string) (map[string][]byte, error) {
	content := make(map[string][]byte, len(names))
	for _, name := range names {
		f, err := root.Open(name)
		if err != nil {
			return nil, fault.Wrap(fault.Input, fault.In(t.display(strings.TrimPrefix(name, t.top))),
				"cannot be opened: "+reason(err),
				"check its permissions", err)
		}
		data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
		f.Close()
		if err != nil || len(data) > maxFile {
			return nil, fault.Wrap(fault.Input, fault.In(t.display(strings.TrimPrefix(name, t.top))),
				"cannot be read to its end",
				"check the file and the disk", err)
		}
		content[name] = data
	}
	return content, nil
}

// openArchive tells the kinds of archive apart by their first bytes.
func (t *tree) openArchive(given string) error {
	t.archive = true
	f, err := os.Open(given)
	if err != nil {
		return t.fault("cannot be opened: "+reason(err), "check its permissions", err)
	}
	t.close = func() { f.Close() }
	info, err := f.Stat()
	if err != nil {
		return t.fault("cannot be looked at: "+reason(err), "check the file and the disk", err)
	}
	if info.Size() > maxArchive {
		return t.fault(fmt.Sprintf("the archive is larger than %d MiB", maxArchive>>20), "give the client bundle itself", nil)
	}
	head := make([]byte, 512)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return t.fault("cannot be read: "+reason(err), "check the file and the disk", err)
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
func (t *tree) notArchive(head []byte) error {
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
			return t.fault("this is no client bundle but "+known.what, giveBundle, nil)
		}
	}
	switch {
	case len(head) == 0:
		return t.fault("the file is empty", fetchAgain, nil)
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return t.fault("this is a plain .tar, which is not read", "pack it with gzip, or unpack it and give the directory", nil)
	}
	return t.fault("this is no client bundle: neither a .zip nor a .tar.gz by its content", giveBundle, nil)
}
