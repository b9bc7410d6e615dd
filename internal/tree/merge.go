package tree

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// mergeGoMod raises the requirements of old to ours and never lowers any. The
// module path must be ours: the generated imports begin with it.
func mergeGoMod(name string, ours, old []byte) ([]byte, error) {
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
	if have.Go == nil || semver.Compare("v"+have.Go.Version, "v"+want.Go.Version) < 0 {
		changed = true
		if err := have.AddGoStmt(want.Go.Version); err != nil {
			return nil, err
		}
	}
	versions := make(map[string]string)
	for _, r := range have.Require {
		versions[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range want.Require {
		switch version, there := versions[r.Mod.Path]; {
		case !there:
			changed = true
			have.AddNewRequire(r.Mod.Path, r.Mod.Version, r.Indirect)
		case semver.Compare(version, r.Mod.Version) < 0:
			changed = true
			if err := have.AddRequire(r.Mod.Path, r.Mod.Version); err != nil {
				return nil, err
			}
		}
	}
	if !changed {
		return old, nil
	}
	if len(versions) == 0 { // there are no lines of the user's to disturb
		have.SetRequireSeparateIndirect(slices.Clone(have.Require))
	}
	have.SortBlocks()
	have.Cleanup()
	return have.Format()
}

// mergeGoSum adds our lines to old, unless it has the sums of all that goMod
// requires: who raised a version and tidied wants no older sums back.
func mergeGoSum(ours, old, goMod []byte) []byte {
	have := make(map[string]bool)       // whole lines
	haveModule := make(map[string]bool) // module and version
	for line := range strings.Lines(string(old)) {
		have[strings.TrimSpace(line)] = true
		if fields := strings.Fields(line); len(fields) == 3 {
			haveModule[fields[0]+" "+fields[1]] = true
		}
	}
	complete := false
	if mod, err := modfile.Parse("go.mod", goMod, nil); err == nil {
		complete = !slices.ContainsFunc(mod.Require, func(r *modfile.Require) bool {
			sum := r.Mod.Path + " " + r.Mod.Version
			return !haveModule[sum] || !haveModule[sum+"/go.mod"]
		})
	}
	if complete {
		return old
	}
	lines := slices.Collect(strings.Lines(string(old)))
	for line := range strings.Lines(string(ours)) {
		if !have[strings.TrimSpace(line)] {
			lines = append(lines, line)
		}
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
