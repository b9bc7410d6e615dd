//go:build unix

package golden

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"
)

// testCase is one case, as the package comment describes it.
type testCase struct {
	archive *txtar.Archive
	given   []txtar.File // as in the archive
	cmd     []string
	want    result
	// whole is set for the one case that shows all: every line of the tree and
	// the content of every file.
	whole bool
}

// result is what the last command of a case gave.
type result struct {
	stdout, stderr, tree string
	exit                 int
	// files are those shown with their content: in a case as in its archive, of
	// a run all that there are.
	files []txtar.File
}

// Names of sections.
const (
	sectionCmd    = "cmd"
	sectionStdout = "stdout"
	sectionStderr = "stderr"
	sectionExit   = "exit"
	sectionTree   = "tree"
	from          = " <- "
)

func readCase(file string) (*testCase, error) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == sectionCmd })
	if at < 0 {
		return nil, fmt.Errorf("%s has no section %s", file, sectionCmd)
	}
	if len(bytes.TrimSpace(archive.Comment)) == 0 {
		return nil, fmt.Errorf("%s does not say what it promises", file)
	}
	c := &testCase{archive: archive, given: archive.Files[:at], whole: filepath.Base(file) == wholeProject+".txtar"}
	for line := range strings.Lines(string(archive.Files[at].Data)) {
		c.cmd = append(c.cmd, strings.TrimSpace(line))
	}
	for _, f := range archive.Files[at+1:] {
		text := string(f.Data)
		switch f.Name {
		case sectionStdout:
			c.want.stdout = text
		case sectionStderr:
			c.want.stderr = text
		case sectionTree:
			c.want.tree = text
		case sectionExit:
			if c.want.exit, err = strconv.Atoi(strings.TrimSpace(text)); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		default:
			c.want.files = append(c.want.files, f)
		}
	}
	return c, nil
}

// recorded returns the case's archive with got in place of what it expects, and
// the content of the files in show.
func (c *testCase) recorded(got result, show []txtar.File) *txtar.Archive {
	a := &txtar.Archive{Comment: c.archive.Comment, Files: slices.Clone(c.given)}
	add := func(name, text string) {
		if text != "" {
			a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
		}
	}
	add(sectionCmd, strings.Join(c.cmd, "\n")+"\n")
	add(sectionStdout, got.stdout)
	add(sectionStderr, got.stderr)
	add(sectionExit, strconv.Itoa(got.exit)+"\n")
	add(sectionTree, got.tree)
	a.Files = append(a.Files, show...)
	return a
}

// give writes the given files into the folder work, packing what belongs into
// archives.
func give(work string, files []txtar.File) error {
	members := make(map[string][]txtar.File)
	for _, f := range files {
		archive, inner := splitArchive(f.Name)
		if archive != "" {
			members[archive] = append(members[archive], txtar.File{Name: inner, Data: f.Data})
		} else if err := writeFile(work, f.Name, f.Data); err != nil {
			return err
		}
	}
	for archive, inner := range members {
		pack := packTar
		if strings.HasSuffix(archive, ".zip") {
			pack = packZip
		}
		data, err := pack(inner)
		if err == nil {
			err = writeFile(work, archive, data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// splitArchive splits a name behind the archive that it lies in, if any.
func splitArchive(name string) (archive, inner string) {
	for _, suffix := range []string{".zip/", ".tar.gz/", ".tgz/"} {
		if i := strings.Index(name, suffix); i >= 0 {
			return name[:i+len(suffix)-1], name[i+len(suffix):]
		}
	}
	return "", name
}

func writeFile(work, name string, data []byte) error {
	if !filepath.IsLocal(name) {
		return fmt.Errorf("%s would not lie in the case's folder", name)
	}
	if err := makeFolder(work, path.Dir(name)); err != nil {
		return err
	}
	full := filepath.Join(work, filepath.FromSlash(name))
	if err := os.WriteFile(full, data, 0o644); err != nil {
		return err
	}
	return os.Chmod(full, 0o644)
}

// makeFolder makes a folder and those above it, mode 0755 whatever the umask.
func makeFolder(work, name string) error {
	if name == "." {
		return nil
	}
	if err := makeFolder(work, path.Dir(name)); err != nil {
		return err
	}
	full := filepath.Join(work, filepath.FromSlash(name))
	if err := os.Mkdir(full, 0o755); os.IsExist(err) {
		return nil
	} else if err != nil {
		return err
	}
	return os.Chmod(full, 0o755)
}

func packZip(files []txtar.File) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		entry, err := w.Create(f.Name)
		if err == nil {
			_, err = entry.Write(f.Data)
		}
		if err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

func packTar(files []txtar.File) ([]byte, error) {
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	w := tar.NewWriter(zipped)
	for _, f := range files {
		err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.Name, Mode: 0o644, Size: int64(len(f.Data)), Format: tar.FormatPAX})
		if err == nil {
			_, err = w.Write(f.Data)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	err := zipped.Close()
	return b.Bytes(), err
}
