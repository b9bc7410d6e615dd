package files

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// source takes .java files for sources.
func source(name string) int64 {
	if strings.HasSuffix(name, ".java") {
		return 512 << 10
	}
	return 0
}

// readAll lists the files at a path and reads every one.
func readAll(path string) (map[string][]byte, error) {
	tree, err := Open(path, source)
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	var names []string
	for _, e := range tree.Entries() {
		names = append(names, e.Name)
	}
	return tree.Read(names, MaxFile)
}

// wantInput checks what every error of this package promises.
func wantInput(t *testing.T, err error) {
	t.Helper()
	for _, f := range fault.All(err) {
		if f.Kind != fault.Input || f.File == "" || f.Cause == "" || f.Remedy == "" {
			t.Errorf("incomplete fault: %#v", f)
		}
	}
}

// patience tells a hang from work. Everything here takes under 2 seconds on an
// idle machine; this one may be busy, and the race detector slows it tenfold.
const patience = 20 * time.Second

// refuses reads an archive, soon and within 64 MiB, and wants a fault.
func refuses(t *testing.T, name string, data []byte, want string) {
	t.Helper()
	path := corpus.File(t, data)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	_, err := readAll(path)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %q", name, err, want)
		return
	}
	wantInput(t, err)
	if strings.Contains(err.Error(), corpus.Canary) {
		t.Errorf("%s: a secret is in the error: %v", name, err)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: the error is more than a line: %q", name, err)
	}
	if took > patience {
		t.Errorf("%s took %v", name, took)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
		t.Errorf("%s allocated %d MiB", name, used>>20)
	}
}

var hostileNames = []struct{ name, want string }{
	{"../evil.java", "leads out of the archive"},
	{"src/../../evil.java", "leads out of the archive"},
	{"/etc/passwd", "absolute name"},
	{"C:/evil.java", "absolute name"},
	{`src\evil.java`, "backslash"},
	{"src/\x1b[31mred.java", "cannot be printed"},
	{"src/line\nbreak.java", "cannot be printed"},
	{"src/right\u202eleft.java", "cannot be printed"},
	{"src/latin\xff.java", "cannot be printed"},
	{strings.Repeat("a/", 30) + "deep.java", "too deep"},
	{strings.Repeat("a", 600), "too long"},
	{"SRC/main/java/com/example/DEMO.JAVA", "there twice"},
	{"src/main/java/com/example/Demo.java", "there twice"},
	{"src/./main/java//com/example/Demo.java", "there twice"},
}

func TestHostileNames(t *testing.T) {
	for _, h := range hostileNames {
		files := append(corpus.Good(t, "../testdata/spellings"), txtar.File{Name: h.name, Data: []byte("x")})
		refuses(t, "zip "+h.name, corpus.Zip(t, files), h.want)
		refuses(t, "tar "+h.name, corpus.Tar(t, nil, files), h.want)
	}
}

func TestHostileEntries(t *testing.T) {
	for what, h := range map[string]tar.Header{
		"symlink":  {Typeflag: tar.TypeSymlink, Name: "src/link", Linkname: "/etc/passwd"},
		"hardlink": {Typeflag: tar.TypeLink, Name: "src/link", Linkname: "pom.xml"},
		"device":   {Typeflag: tar.TypeChar, Name: "src/dev"},
		"fifo":     {Typeflag: tar.TypeFifo, Name: "src/fifo"},
	} {
		refuses(t, what, corpus.Tar(t, []tar.Header{h}, corpus.Good(t, "../testdata/spellings")), "is not a regular file")
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "src/link"}
	h.SetMode(os.ModeSymlink | 0o777)
	e, err := w.CreateHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(e, "/etc/passwd")
	w.Close()
	refuses(t, "zip symlink", b.Bytes(), "is not a regular file")
}

// zeros is a stream of n zero bytes.
func zeros(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func zipBomb(t *testing.T, name string, size int64) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range corpus.Good(t, "../testdata/spellings") {
		if f.Name != name {
			e, _ := w.Create(f.Name)
			e.Write(f.Data)
		}
	}
	e, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(e, zeros(size)); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return b.Bytes()
}

func TestBombs(t *testing.T) {
	refuses(t, "zip of zeros", zipBomb(t, "src/main/resources/client.keystore", 24<<20), "unpacks to more than 200 times its size")
	refuses(t, "zip of zeros, not needed", zipBomb(t, "zeros.bin", 24<<20), "unpacks to more than 200 times its size")

	// The same with lying sizes: the table says 1 KiB.
	lying := zipBomb(t, "src/main/resources/client.keystore", 8<<20)
	for i := 0; i+46 < len(lying); i++ {
		if bytes.HasPrefix(lying[i:], []byte("PK\x01\x02")) && bytes.HasPrefix(lying[i+46:], []byte("src/main/resources/client.keystore")) {
			binary.LittleEndian.PutUint32(lying[i+24:], 1<<10)
		}
	}
	refuses(t, "zip with lying size", lying, "damaged inside the archive")

	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "zeros", Size: 24 << 20, Mode: 0o644})
	io.Copy(w, zeros(24<<20))
	w.Close()
	z.Close()
	refuses(t, "tar of zeros", b.Bytes(), "unpacks to more than")

	b.Reset()
	z = gzip.NewWriter(&b)
	io.Copy(z, zeros(24<<20))
	z.Close()
	refuses(t, "gzip of zeros", b.Bytes(), "unpacks to more than")
}

func TestManyEntries(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	var headers []tar.Header
	for i := range maxEntries + 1 {
		name := fmt.Sprintf("a/%d", i)
		if _, err := w.Create(name); err != nil {
			t.Fatal(err)
		}
		headers = append(headers, tar.Header{Typeflag: tar.TypeReg, Name: name})
	}
	w.Close()
	refuses(t, "zip", b.Bytes(), "more than 4096 entries")
	refuses(t, "tar", corpus.Tar(t, headers, nil), "more than 4096 entries")

	b.Reset()
	w = zip.NewWriter(&b)
	for i := range 60_000 {
		if _, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	refuses(t, "zip of 60,000", b.Bytes(), "table of entries is longer")
}

func TestLargeFiles(t *testing.T) {
	noise := make([]byte, MaxFile+1)
	for i := range noise {
		noise[i] = byte(i * i >> 7)
	}
	files := corpus.Good(t, "../testdata/spellings")
	for i := range files {
		if strings.HasSuffix(files[i].Name, "client.keystore") {
			files[i].Data = noise
		}
	}
	path := corpus.Dir(t, files)
	if _, err := readAll(path); err == nil || !strings.Contains(err.Error(), "client.keystore: the file is larger than 16384 KiB") {
		t.Errorf("directory: %v", err)
	}
}

func TestEncryptedEntry(t *testing.T) {
	data := corpus.Zip(t, corpus.Good(t, "../testdata/spellings"))
	for i := 0; i+10 < len(data); i++ {
		if bytes.HasPrefix(data[i:], []byte("PK\x01\x02")) {
			data[i+8] |= 1
		}
	}
	refuses(t, "encrypted", data, "encrypted inside the archive")
}

// TestTruncated cuts archives at every fifth length: none reads, none takes long.
func TestTruncated(t *testing.T) {
	for kind, data := range map[string][]byte{"zip": corpus.Zip(t, corpus.Good(t, "../testdata/spellings")), "tar.gz": corpus.Tar(t, nil, corpus.Good(t, "../testdata/spellings"))} {
		for n := 0; n < len(data)-1; n += 5 {
			if _, err := readAll(corpus.Reused(t, data[:n])); err == nil {
				t.Fatalf("%s cut at %d of %d reads", kind, n, len(data))
			} else {
				wantInput(t, err)
			}
		}
	}
}

func TestLinksInDirectory(t *testing.T) {
	link := func(t *testing.T, dir, target, name string) {
		if err := os.Symlink(target, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Skip("symbolic links cannot be made here:", err)
		}
	}
	const store = "src/main/resources/client.keystore"
	locate := func(dir string) (content, why string) {
		t.Helper()
		tree, err := Open(dir, source)
		if err != nil {
			t.Fatal(err)
		}
		defer tree.Close()
		name, why := tree.Locate("client.keystore", tree.Display("src/main/java/com/example/Demo.java"))
		if why != "" {
			return "", why
		}
		data, err := tree.Read([]string{name}, MaxFile)
		if err != nil {
			t.Fatal(err)
		}
		return string(data[name]), ""
	}
	var files []txtar.File
	for _, f := range corpus.Good(t, "../testdata/spellings") {
		if f.Name != store {
			files = append(files, f)
		}
	}
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("outside"), 0o600); err != nil {
		t.Fatal(err)
	}

	dir := corpus.Dir(t, files)
	link(t, dir, outside, store)
	if content, why := locate(dir); !strings.Contains(why, "leads nowhere, or out of the bundle") {
		t.Errorf("link out of the bundle: %q, %q", content, why)
	}

	dir = corpus.Dir(t, append(files, txtar.File{Name: "keys/real", Data: []byte("keys inside")}))
	link(t, dir, "../../../keys/real", store)
	link(t, dir, "..", "src/loop")
	if content, why := locate(dir); content != "keys inside" {
		t.Errorf("link inside the bundle: %q, %q", content, why)
	}

	dir = corpus.Dir(t, files)
	through := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, through); err != nil {
		t.Fatal(err)
	}
	if content, why := locate(through); !strings.Contains(why, "no file is called") {
		t.Errorf("a link to the bundle itself is not followed: %q, %q", content, why)
	}
}

func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads everything")
	}
	dir := corpus.Dir(t, corpus.Good(t, "../testdata/spellings"))
	if err := os.Chmod(filepath.Join(dir, "src", "main", "resources", "client.keystore"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(dir); err == nil || !strings.Contains(err.Error(), "client.keystore: cannot be opened: permission denied") {
		t.Errorf("got %v", err)
	}
}

func TestWholeDisk(t *testing.T) {
	dir := t.TempDir()
	first := filepath.Join(dir, "first")
	if err := os.WriteFile(first, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range maxEntries {
		if err := os.Link(first, filepath.Join(dir, fmt.Sprint(i))); err != nil { // much cheaper than a file
			t.Fatal(err)
		}
	}
	if _, err := readAll(dir); err == nil || !strings.Contains(err.Error(), "far more than a client bundle") {
		t.Errorf("got %v", err)
	}
}

// TestMutatedArchives damages archives as a whole.
func TestMutatedArchives(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 4))
	for kind, data := range map[string][]byte{"zip": corpus.Zip(t, corpus.Good(t, "../testdata/spellings")), "tar.gz": corpus.Tar(t, nil, corpus.Good(t, "../testdata/spellings"))} {
		reads := 0
		for range 1500 {
			if survives(t, corpus.Reused(t, corpus.Mutate(r, data))) {
				reads++
			}
		}
		t.Logf("%s: %d of 1500 still read", kind, reads)
	}
}

// survives reads a damaged archive: whatever comes, it comes soon and does not panic.
func survives(t *testing.T, path string) (read bool) {
	t.Helper()
	start := time.Now()
	_, err := readAll(path)
	if took := time.Since(start); took > patience {
		t.Errorf("took %v", took)
	}
	if err != nil {
		wantInput(t, err)
	}
	return err == nil
}

// FuzzOpen opens any bytes as an archive and reads what is in it.
func FuzzOpen(f *testing.F) {
	for _, c := range corpus.Load(f, "../testdata/spellings") {
		f.Add(corpus.Zip(f, c.Files))
		f.Add(corpus.Tar(f, nil, corpus.In("top/", c.Files)))
	}
	f.Fuzz(func(t *testing.T, data []byte) { survives(t, corpus.Reused(t, data)) })
}
