package tree

import (
	"fmt"
	"go/version"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// mergeGoMod raises the requirements of old to ours and never lowers any. The
// module path must be ours: the generated imports begin with it. The sums are those
// that belong to ours. They tell which versions our modules need of modules that our
// go.mod does not list. If old lists one of these in a lower version, no -mod=readonly
// build would accept it.
func mergeGoMod(name string, ours, sums, old []byte) ([]byte, error) {
	want, err := modfile.Parse("go.mod", ours, nil)
	if err != nil {
		return nil, err // a fault of the template
	}
	have, err := modfile.Parse("go.mod", old, nil)
	if err != nil {
		return nil, fault.Wrap(fault.Input, fault.In(name),
			"cannot be read as go.mod: "+strings.TrimPrefix(err.Error(), "go.mod:"),
			"repair it, or move it away", err)
	}
	if have.Module == nil || have.Module.Mod.Path != want.Module.Mod.Path {
		return nil, fault.New(fault.Input, fault.In(name),
			fmt.Sprintf("its module path is not %s, which failover.yaml says", want.Module.Mod.Path),
			"make both the same")
	}
	changed := false
	if have.Go == nil || version.Compare("go"+have.Go.Version, "go"+want.Go.Version) < 0 {
		changed = true
		if err := have.AddGoStmt(want.Go.Version); err != nil {
			return nil, err
		}
	}
	known := make(map[string]*modfile.Require)
	for _, r := range have.Require {
		known[r.Mod.Path] = r
	}
	needed := newestIn(sums)
	for _, r := range want.Require {
		delete(needed, r.Mod.Path)
	}
	for _, had := range have.Require {
		if v := needed[had.Mod.Path]; v != "" && semver.Compare(had.Mod.Version, v) < 0 {
			changed = true
			if err := have.AddRequire(had.Mod.Path, v); err != nil {
				return nil, err
			}
		}
	}
	moved := false // lines come or change their block, which the go command would put in order
	for _, r := range want.Require {
		had := known[r.Mod.Path]
		if had == nil {
			moved = true
			have.AddNewRequire(r.Mod.Path, r.Mod.Version, r.Indirect)
			continue
		}
		if semver.Compare(had.Mod.Version, r.Mod.Version) < 0 {
			changed = true
			if err := have.AddRequire(r.Mod.Path, r.Mod.Version); err != nil {
				return nil, err
			}
		}
		if had.Indirect && !r.Indirect {
			moved = true
		}
	}
	if !changed && !moved {
		return old, nil
	}
	if moved {
		var list []*modfile.Require
		for _, r := range have.Require {
			direct := slices.ContainsFunc(want.Require, func(x *modfile.Require) bool { return x.Mod.Path == r.Mod.Path && !x.Indirect })
			list = append(list, &modfile.Require{Mod: r.Mod, Indirect: r.Indirect && !direct})
		}
		have.SetRequireSeparateIndirect(list)
	}
	have.SortBlocks()
	have.Cleanup()
	return have.Format()
}

// newestIn returns the highest version of each module whose go.mod has a sum.
func newestIn(sums []byte) map[string]string {
	newest := make(map[string]string)
	for line := range strings.Lines(string(sums)) {
		if fields := strings.Fields(line); len(fields) == 3 {
			if v, ok := strings.CutSuffix(fields[1], goModSuffix); ok && semver.Compare(newest[fields[0]], v) < 0 {
				newest[fields[0]] = v
			}
		}
	}
	return newest
}

// mergeGoSum adds our lines to old, unless it has the sums of what we require in the
// versions of goMod: who raised a version and tidied wants no older sums back.
func mergeGoSum(ours, old, goMod []byte) []byte {
	have := sumsOf(old)
	if hasSums(have, sumsOf(ours), goMod) {
		return old
	}
	lines := slices.Collect(strings.Lines(string(old)))
	known := len(lines)
	for line := range strings.Lines(string(ours)) {
		if !have.lines[strings.TrimSpace(line)] {
			lines = append(lines, line)
		}
	}
	if len(lines) == known {
		return old
	}
	var merged strings.Builder
	slices.SortFunc(lines, compareSums)
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			merged.WriteString(line + "\n")
		}
	}
	return []byte(merged.String())
}

// sums is what a go.sum has.
type sums struct {
	lines    map[string]bool
	versions map[string]bool // "module version", and with /go.mod
	modules  map[string]bool // the same without versions
}

func sumsOf(text []byte) sums {
	s := sums{make(map[string]bool), make(map[string]bool), make(map[string]bool)}
	for line := range strings.Lines(string(text)) {
		s.lines[strings.TrimSpace(line)] = true
		if fields := strings.Fields(line); len(fields) == 3 {
			s.versions[fields[0]+" "+fields[1]] = true
			s.modules[fields[0]+suffixOf(fields[1])] = true
		}
	}
	return s
}

// goModSuffix ends the version in a line that is about the go.mod of a module.
const goModSuffix = "/go.mod"

func suffixOf(version string) string {
	if strings.HasSuffix(version, goModSuffix) {
		return goModSuffix
	}
	return ""
}

// hasSums reports whether have has a sum wherever ours has one of a module that goMod
// requires, in the version there. A module that is replaced has none.
func hasSums(have, ours sums, goMod []byte) bool {
	mod, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(mod.Require, func(r *modfile.Require) bool {
		if slices.ContainsFunc(mod.Replace, func(x *modfile.Replace) bool { return x.Old.Path == r.Mod.Path }) {
			return false
		}
		return slices.ContainsFunc([]string{"", goModSuffix}, func(suffix string) bool {
			return ours.modules[r.Mod.Path+suffix] && !have.versions[r.Mod.Path+" "+r.Mod.Version+suffix]
		})
	})
}

// compareSums orders lines of go.sum as the go command does.
func compareSums(a, b string) int {
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) < 2 || len(y) < 2 || x[0] != y[0] {
		return strings.Compare(a, b)
	}
	v, _, _ := strings.Cut(x[1], "/")
	w, _, _ := strings.Cut(y[1], "/")
	if c := semver.Compare(v, w); c != 0 {
		return c
	}
	return strings.Compare(x[1], y[1])
}
