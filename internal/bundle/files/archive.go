package files

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// roster collects the entries of an archive and refuses hostile ones.
type roster struct {
	t      *Tree
	count  int
	folded map[string]string
}

func (r *roster) refuse(name, why string) *fault.Fault {
	if len(name) > 80 {
		name = name[:80] + "..."
	}
	return r.t.Fault(fmt.Sprintf("the archive is refused: its entry %q %s", name, why), fetchAgain, nil)
}

// add takes an entry as the archive spells it and returns its clean name, "" for a folder.
func (r *roster) add(raw string, size int64, mode fs.FileMode) (string, error) {
	if r.count++; r.count > maxEntries {
		return "", r.t.Fault(fmt.Sprintf("the archive is refused: it has more than %d entries", maxEntries), "give the client bundle itself", nil)
	}
	if why := hostileName(raw); why != "" {
		return "", r.refuse(raw, why)
	}
	name := path.Clean(raw)
	if mode.IsDir() {
		return "", nil
	}
	if !mode.IsRegular() || strings.HasSuffix(raw, "/") {
		return "", r.refuse(raw, "is not a regular file but a link or a device")
	}
	fold := strings.ToLower(strings.ToUpper(name))
	if before, ok := r.folded[fold]; ok {
		return "", r.refuse(raw, fmt.Sprintf("is there twice: %q is the same on some systems", before))
	}
	r.folded[fold] = name
	r.t.files = append(r.t.files, Entry{name, size})
	return name, nil
}

// printable reports whether a name can stand in an error's single line.
func printable(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

// hostileName says what is wrong with an entry's name, or "".
func hostileName(name string) string {
	switch {
	case name == "":
		return "has no name"
	case len(name) > maxName:
		return "has a name that is too long"
	case !printable(name):
		return "has a name with characters that cannot be printed"
	case strings.Contains(name, `\`):
		return "has a backslash in its name"
	case strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':':
		return "has an absolute name"
	case strings.Count(name, "/") >= maxDepth:
		return "is too deep in folders"
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return "leads out of the archive"
		}
	}
	return ""
}

// maxDirectory bounds what is read to list a zip: entry headers are at least 46 bytes.
const maxDirectory = 2 << 20

// listingReader fails when more is read than the listing of any bundle needs, so
// that a table of millions of entries is never held in memory.
type listingReader struct {
	io.ReaderAt
	left int
	done bool // listing is over, contents may be read
}

var errListing = errors.New("the table of entries is too long")

func (l *listingReader) ReadAt(p []byte, off int64) (int, error) {
	if !l.done {
		if l.left -= len(p); l.left < 0 {
			return 0, errListing
		}
	}
	return l.ReaderAt.ReadAt(p, off)
}

func (t *Tree) damaged(err error) error {
	return t.Fault("the archive is damaged or cut short", fetchAgain, err)
}

func (t *Tree) openZip(f *os.File, size int64) error {
	listing := &listingReader{ReaderAt: f, left: maxDirectory}
	archive, err := zip.NewReader(listing, size)
	switch {
	case errors.Is(err, errListing):
		return t.Fault("the archive is refused: its table of entries is longer than any client bundle's", "give the client bundle itself", err)
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return t.damaged(err)
	}
	listing.done = true
	files := make(map[string]*zip.File, min(len(archive.File), maxEntries))
	r := &roster{t: t, folded: map[string]string{}}
	for _, zf := range archive.File {
		if zf.UncompressedSize64 > smallEntry && zf.UncompressedSize64/maxRatio > zf.CompressedSize64 {
			return r.refuse(zf.Name, fmt.Sprintf("unpacks to more than %d times its size", maxRatio))
		}
		name, err := r.add(zf.Name, int64(min(zf.UncompressedSize64, 1<<62)), zf.Mode())
		if err != nil {
			return err
		}
		if name != "" {
			files[name] = zf
		}
	}
	t.fetch = func(names []string) (map[string][]byte, error) { return t.fetchZip(files, names) }
	return nil
}

func (t *Tree) fetchZip(files map[string]*zip.File, names []string) (map[string][]byte, error) {
	content := make(map[string][]byte, len(names))
	for _, name := range names {
		zf := files[name]
		inner := t.given + "!" + strings.TrimPrefix(name, t.top)
		if zf.Flags&1 != 0 {
			return nil, fault.New(fault.Input, fault.In(inner),
				"the file is encrypted inside the archive",
				"unpack the archive with its password and give the directory")
		}
		data, err := unzip(zf)
		if err != nil {
			return nil, fault.Wrap(fault.Input, fault.In(inner), "the file is damaged inside the archive", fetchAgain, err)
		}
		content[name] = data
	}
	return content, nil
}

// unzip reads an entry, which must be as long as the archive says.
func unzip(zf *zip.File) ([]byte, error) {
	r, err := zf.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, int64(zf.UncompressedSize64)+1))
	if err == nil && uint64(len(data)) != zf.UncompressedSize64 {
		err = zip.ErrFormat
	}
	return data, err
}

func (t *Tree) openTar(f *os.File, size int64) error {
	r := &roster{t: t, folded: map[string]string{}}
	t.fetch = func(names []string) (map[string][]byte, error) { return t.fetchTar(f, size, names) }
	return t.walkTar(f, size, func(h *tar.Header, _ io.Reader) error {
		switch h.Typeflag {
		case tar.TypeXGlobalHeader:
			return nil
		case tar.TypeReg, tar.TypeDir:
		default:
			return r.refuse(h.Name, "is not a regular file but a link or a device")
		}
		_, err := r.add(h.Name, h.Size, h.FileInfo().Mode())
		return err
	})
}

func (t *Tree) fetchTar(f *os.File, size int64, names []string) (map[string][]byte, error) {
	wanted := make(map[string]bool, len(names))
	for _, name := range names {
		wanted[name] = true
	}
	content := make(map[string][]byte, len(names))
	err := t.walkTar(f, size, func(h *tar.Header, r io.Reader) error {
		name := path.Clean(h.Name)
		if h.Typeflag != tar.TypeReg || !wanted[name] {
			return nil
		}
		data, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
		content[name] = data
		return err
	})
	return content, err
}

var errTooLarge = errors.New("unpacks to too much")

// boundedReader fails when there is more to read than left. An io.LimitReader would
// end without an error.
type boundedReader struct {
	io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// walkTar calls visit for each entry, then reads on to the end, where gzip keeps its checksum.
func (t *Tree) walkTar(f *os.File, size int64, visit func(*tar.Header, io.Reader) error) error {
	zr, err := gzip.NewReader(io.NewSectionReader(f, 0, size))
	if err != nil {
		return t.damaged(err)
	}
	limit := min(maxArchive, max(size*maxRatio, smallEntry))
	plain := &boundedReader{zr, limit}
	r := tar.NewReader(plain)
	for err == nil {
		var h *tar.Header
		if h, err = r.Next(); err == nil {
			err = visit(h, r)
		}
	}
	if err == io.EOF {
		_, err = io.Copy(io.Discard, plain)
	}
	var known *fault.Fault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case len(t.files) == 0 && errors.Is(err, tar.ErrHeader):
		return t.Fault("this is not a client bundle: a gzip file that holds no tar archive", GiveBundle, err)
	case errors.Is(err, errTooLarge):
		return t.Fault(fmt.Sprintf("the archive is refused: it unpacks to more than %d KiB", limit>>10), "give the client bundle itself, without what a build made", nil)
	}
	return t.damaged(err)
}
