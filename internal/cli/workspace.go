package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"

	"github.com/failover-gen/failover-gen/generate"
)

// warnOfWorkspace warns where a go.work file keeps the go command from building
// the project in dir. A drill is not affected: it builds with GOWORK=off.
func (a *app) warnOfWorkspace(dir string) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return
	}
	if physical, err := filepath.EvalSymlinks(at); err == nil { // the go command goes by this path
		at = physical
	}
	work := a.workspace(at)
	if work == "" || listed(work, at) {
		return
	}
	name := filepath.ToSlash(filepath.Clean(dir))
	shown := work
	if here, err := filepath.Abs("."); err == nil {
		if rel, err := filepath.Rel(here, work); err == nil {
			shown = rel
		}
	}
	a.warn([]string{fmt.Sprintf("%s does not list %s, so that go build and go run refuse to work there; run go work use %s, or set GOWORK=off",
		filepath.ToSlash(shown), name, shellWord(name))})
}

// moduleOf is the folder of the module that a project is, or that a package lies in.
func moduleOf(dir string, p *generate.Result) string {
	if p.Want.Around != nil {
		return p.Want.Around.Root
	}
	return dir
}

// workspace finds the go.work file that the go command uses in the folder at;
// "" if none.
func (a *app) workspace(at string) string {
	switch given := a.Getenv("GOWORK"); given {
	case "off":
		return ""
	case "", "auto":
	default:
		return given
	}
	for {
		work := filepath.Join(at, "go.work")
		if info, err := os.Stat(work); err == nil && !info.IsDir() {
			return work
		}
		above := filepath.Dir(at)
		if above == at {
			return ""
		}
		at = above
	}
}

// listed reports whether the go.work file lists the module in the folder at. A
// file that cannot be read is for the go command to complain about.
func listed(work, at string) bool {
	data, err := os.ReadFile(work)
	if err != nil {
		return true
	}
	file, err := modfile.ParseWork(work, data, nil)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(file.Use, func(u *modfile.Use) bool {
		folder := filepath.FromSlash(u.Path)
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(filepath.Dir(work), folder)
		}
		if physical, err := filepath.EvalSymlinks(folder); err == nil {
			folder = physical
		}
		return folder == at
	})
}
