package wizard

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle"
)

const (
	// maxOffered bounds the archives that are opened in one folder to find bundles.
	maxOffered = 40
	// maxArchive bounds such an archive, in bytes. The console's have some 20 KB.
	maxArchive = 16 << 20
)

// offer is a bundle that was found, or is in the project already.
type offer struct {
	path    string
	shown   string // the path as the user knows it
	cluster string // "" where it is not known
}

// found lists the bundles that lie in the current folder and in Downloads.
func (w *Wizard) found() []offer {
	if w.offers != nil {
		return w.offers
	}
	w.offers = bundlesIn(".", "")
	if w.Home != "" {
		downloads := filepath.Join(w.Home, "Downloads")
		if !sameFolder(".", downloads) {
			w.offers = append(w.offers, bundlesIn(downloads, filepath.Join("~", "Downloads"))...)
		}
	}
	return w.offers
}

func sameFolder(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// bundlesIn lists the bundles that lie in a folder, which users know as shown.
func bundlesIn(folder, shown string) []offer {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	offers := []offer{}
	opened := 0
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if opened == maxOffered {
			break
		}
		if !mayBeBundle(path, e) {
			continue
		}
		opened++
		b, err := bundle.Read(path)
		lacking := new(bundle.NoPassword)
		if err != nil && !errors.As(err, &lacking) || b != nil && b.Registry != nil {
			continue
		}
		o := offer{path: path, shown: filepath.Join(shown, e.Name())}
		if b != nil && len(b.Clusters) == 1 {
			o.cluster = b.Clusters[0].Name.Text
		}
		offers = append(offers, o)
	}
	return offers
}

// mayBeBundle reports whether it is worth while to open a file or a folder.
func mayBeBundle(path string, e os.DirEntry) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	if info.IsDir() { // as the console's archives look inside
		inside, err := os.ReadDir(path)
		return err == nil && slices.ContainsFunc(inside, func(e os.DirEntry) bool {
			return e.Name() == "pom.xml" || e.Type().IsRegular() && bundle.IsSource(e.Name())
		})
	}
	isDeclared := strings.HasPrefix(e.Name(), "hazelcast-client") && hasEnding(e.Name(), ".xml", ".yaml", ".yml")
	return info.Mode().IsRegular() && info.Size() <= maxArchive && (isDeclared || hasEnding(e.Name(), archives...))
}

// label is an offer as one line of a list that is at most as wide as given.
func (o *offer) label(width int) string {
	text := filepath.ToSlash(o.shown)
	if o.cluster != "" {
		text = o.cluster + "  " + text
	}
	return elided(oneLine(text), width)
}
