package bundle

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "record what is read as what is wanted")

// canary is part of every secret in the corpus.
const canary = "CANARY"

// bundleCase is one txtar file: its comment says what it is about, its file
// "want" what is wanted, and the others are the bundle.
type bundleCase struct {
	name, title, path string
	files             []txtar.File
	want              string
}

func loadCases(t testing.TB, dir string) []bundleCase {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases in %s: %v", dir, err)
	}
	var cases []bundleCase
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c := bundleCase{name: strings.TrimSuffix(filepath.Base(path), ".txtar"), title: strings.TrimSpace(string(a.Comment)), path: path}
		for _, f := range a.Files {
			if f.Name == "want" {
				c.want = string(f.Data)
			} else {
				c.files = append(c.files, f)
			}
		}
		cases = append(cases, c)
	}
	return cases
}

// record writes the case back with what was got.
func (c *bundleCase) record(t *testing.T, got string) {
	t.Helper()
	a := &txtar.Archive{Comment: []byte(c.title + "\n"), Files: append(c.files, txtar.File{Name: "want", Data: []byte(got)})}
	if err := os.WriteFile(c.path, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// in moves the files into a top-level folder.
func in(folder string, files []txtar.File) []txtar.File {
	moved := make([]txtar.File, len(files))
	for i, f := range files {
		moved[i] = txtar.File{Name: folder + f.Name, Data: f.Data}
	}
	return moved
}

func writeDir(t testing.TB, files []txtar.File) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bundle")
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func zipOf(t testing.TB, files []txtar.File) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		e, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write(f.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t testing.TB, headers []tar.Header, files []txtar.File) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, h := range headers {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.Name, Size: int64(len(f.Data)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// writeFile writes data under a name that says nothing of what it is.
func writeFile(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
