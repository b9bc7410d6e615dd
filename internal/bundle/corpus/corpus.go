// Package corpus is the bundles that the tests of internal/bundle and of the
// packages below it read: cases in txtar files, and the containers in which a user
// may hold them. Only tests import it.
package corpus

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// Canary is part of every secret in the cases.
const Canary = "CANARY"

// Case is one txtar file: its comment says what it is about, its file "want" what
// is wanted, and the others are the bundle.
type Case struct {
	Name, Title string
	Files       []txtar.File
	Want        string

	path string
}

// Load reads the cases in a folder such as ../testdata/spellings.
func Load(t testing.TB, dir string) []Case {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases in %s: %v", dir, err)
	}
	var cases []Case
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c := Case{Name: strings.TrimSuffix(filepath.Base(path), ".txtar"), Title: strings.TrimSpace(string(a.Comment)), path: path}
		for _, f := range a.Files {
			if f.Name == "want" {
				c.Want = string(f.Data)
			} else {
				c.Files = append(c.Files, f)
			}
		}
		cases = append(cases, c)
	}
	return cases
}

// Dir is the folder that the case is in.
func (c *Case) Dir() string { return filepath.Base(filepath.Dir(c.path)) }

// Record writes the case back with what was got.
func (c *Case) Record(t *testing.T, got string) {
	t.Helper()
	a := &txtar.Archive{Comment: []byte(c.Title + "\n"), Files: append(c.Files, txtar.File{Name: "want", Data: []byte(got)})}
	if err := os.WriteFile(c.path, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// In moves the files into a top-level folder.
func In(folder string, files []txtar.File) []txtar.File {
	moved := make([]txtar.File, len(files))
	for i, f := range files {
		moved[i] = txtar.File{Name: folder + f.Name, Data: f.Data}
	}
	return moved
}

// Dir writes the files to a folder and returns its path.
func Dir(t testing.TB, files []txtar.File) string {
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

// Zip packs the files.
func Zip(t testing.TB, files []txtar.File) []byte {
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

// Tar packs the files and then gzips them, with further headers before them.
func Tar(t testing.TB, headers []tar.Header, files []txtar.File) []byte {
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

// File writes data under a name that says nothing of what it is.
func File(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Reused writes data to one file that the test overwrites again and again. It never
// empties the file: ext4 would then wait for the disk each time that it is closed.
func Reused(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(os.TempDir(), fmt.Sprintf("failover-gen-bundle-test-%d", os.Getpid()))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Truncate(int64(len(data))), f.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(path) })
	return path
}

// Good is the bundle of a case in dir that reads, to hide hostile things among.
func Good(t testing.TB, dir string) []txtar.File {
	t.Helper()
	for _, c := range Load(t, dir) {
		if c.Name == "v5-cloud-config" {
			return c.Files
		}
	}
	t.Fatal("no such case")
	return nil
}

const punctuation = "\"'\\(){}[]<>;,.+=*/@\n\x00\xff"

// Mutate damages data in one of the ways that files are damaged in.
func Mutate(r *rand.Rand, data []byte) []byte {
	if len(data) == 0 {
		return data
	}
	data = bytes.Clone(data)
	switch r.IntN(6) {
	case 0:
		for range 1 + r.IntN(8) {
			data[r.IntN(len(data))] ^= 1 << r.IntN(8)
		}
	case 1:
		return data[:r.IntN(len(data))]
	case 2:
		return bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	case 3: // a piece is lost
		i := r.IntN(len(data))
		return append(data[:i], data[min(i+1+r.IntN(40), len(data)):]...)
	case 4: // a piece is doubled
		i := r.IntN(len(data))
		j := min(i+1+r.IntN(200), len(data))
		return append(bytes.Clone(data[:j]), data[i:]...)
	case 5: // punctuation is exchanged
		for range 1 + r.IntN(4) {
			data[r.IntN(len(data))] = punctuation[r.IntN(len(punctuation))]
		}
	}
	return data
}
