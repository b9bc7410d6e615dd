package files

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Locate finds the file that a source names; source is the displayed name of that
// source. It looks among the resources of the source's own project, then at the
// project's root, then beside the source, then anywhere. It compares names as they
// are written first, and without regard to case after that. Where it finds no file,
// or several, why ends the sentence "the file named here ...".
func (t *Tree) Locate(named, source string) (name, why string) {
	wanted := path.Clean(strings.TrimLeft(strings.ReplaceAll(named, `\`, "/"), "/"))
	if wanted == "." || strings.HasPrefix(wanted, "..") {
		return "", "has no file name"
	}
	source = t.inner(source)
	project := ""
	if i := strings.LastIndex("/"+source, "/src/"); i >= 0 {
		project = source[:i]
	}
	places := []string{path.Join(project, "src/main/resources", wanted), path.Join(project, wanted), path.Join(path.Dir(source), wanted)}
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for _, place := range places {
			if match := t.matching(func(name string) bool { return same(name, place) }); len(match) == 1 {
				return match[0], ""
			}
		}
		match := t.matching(func(name string) bool {
			return len(name) > len(wanted) && same(name[len(name)-len(wanted)-1:], "/"+wanted)
		})
		switch len(match) {
		case 0:
		case 1:
			return match[0], ""
		default:
			return "", "is in the bundle more than once, as " + strings.Join(match, " and ")
		}
	}
	for _, refused := range slices.Sorted(maps.Keys(t.refused)) {
		if strings.EqualFold(path.Base(refused), path.Base(wanted)) {
			return "", t.refused[refused]
		}
	}
	return "", "is not in the bundle: no file is called " + strconv.Quote(path.Base(wanted))
}

// inner gives the name inside the tree of a file by its displayed name.
func (t *Tree) inner(displayed string) string {
	for _, e := range t.files {
		if t.Display(e.Name) == displayed {
			return e.Name
		}
	}
	return ""
}

func (t *Tree) matching(ok func(string) bool) []string {
	var list []string
	for _, e := range t.files {
		if ok(e.Name) {
			list = append(list, e.Name)
		}
	}
	return list
}
