package templates

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
)

// Each file of an option is there, is in what a project or a package with the option
// gets, and is in nothing without it. What lies beside optional.go belongs to an option.
func TestFilesOfOptionsAreThereOnlyWithThem(t *testing.T) {
	for kind, list := range options {
		with := Choice{Options: optionNames(kind)}
		has := func(c Choice, file string) bool {
			return slices.ContainsFunc(slices.Concat(Sources(kind, c), PackageSources(kind, c)), func(s Source) bool { return s.Path == file })
		}
		known := []string{"internal/optional/optional.go"}
		for name, o := range list {
			known = append(known, o.files...)
			for _, file := range o.files {
				if !has(with, file) || has(Choice{}, file) {
					t.Errorf("%s: %s of %s is with the option: %v, without: %v", kind, file, name, has(with, file), has(Choice{}, file))
				}
			}
			if o.caller != "" {
				if text, _ := files.ReadFile(path.Join(kind, o.caller)); !strings.Contains(string(text), o.call) {
					t.Errorf("%s: the template of %s does not call %s", kind, o.caller, o.call)
				}
			}
		}
		_ = fs.WalkDir(files, path.Join(kind, "internal/optional"), func(name string, d fs.DirEntry, err error) error {
			if name = strings.TrimPrefix(name, kind+"/"); err != nil || !d.IsDir() && !strings.HasSuffix(name, "_test.go") && !slices.Contains(known, name) {
				t.Errorf("%s: %s belongs to no option; %v", kind, name, err)
			}
			return nil
		})
	}
}

// Each combination has its go.mod and go.sum, and there are no others.
func TestEachCombinationHasItsModules(t *testing.T) {
	for kind := range options {
		var want []string
		for _, c := range Combinations(kind)[1:] {
			want = append(want, path.Base(c.With(kind)))
			for _, name := range []string{"go.mod", "go.sum"} {
				if got := Templates(kind, c)[name]; got != path.Join(c.With(kind), name) {
					t.Errorf("%s with %q gets the %s of %q", kind, c.Options, name, got)
				}
			}
		}
		var have []string
		entries, _ := files.ReadDir(path.Join(kind, withFolder))
		for _, e := range entries {
			have = append(have, e.Name())
		}
		if slices.Sort(want); !slices.Equal(have, want) {
			t.Errorf("%s has %q, want %q", kind, have, want)
		}
	}
}
