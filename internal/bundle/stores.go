package bundle

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/java"
)

// attachStores finds the files that the configurations name and reads them, each once.
func (r *reader) attachStores(configs []java.Config) error {
	type wanted struct {
		named java.Field
		into  **Store
		label string
	}
	var list []wanted
	for i := range configs {
		cluster := &r.bundle.Clusters[i]
		list = append(list,
			wanted{configs[i].Keystore, &cluster.Keystore, "keystore"},
			wanted{configs[i].Truststore, &cluster.Truststore, "truststore"})
	}
	mend := "put the file into the bundle's src/main/resources, or fetch the bundle from the console again"
	if r.tree.source != "" {
		mend = "put the file beside the source, or give the directory of the bundle"
	}
	found := make([]string, len(list))
	needed := map[string]bool{}
	var names []string
	for i, w := range list {
		if w.named.State != java.Known {
			continue
		}
		name, why := r.locate(w.named)
		if why != "" {
			r.fail(w.named.At, "the "+w.label+" named here "+why, mend)
			continue
		}
		if found[i] = name; !needed[name] {
			needed[name] = true
			names = append(names, name)
		}
	}
	if len(r.faults) > 0 || len(names) == 0 {
		return nil
	}
	content, err := r.tree.read(names, maxFile)
	if err != nil {
		return err
	}
	for i, w := range list {
		if found[i] != "" {
			*w.into = &Store{Path: r.tree.display(found[i]), Inner: found[i], Data: content[found[i]], NamedAt: w.named.At}
		}
	}
	return nil
}

// locate finds the file that a source names: among the resources of its own
// project first, then beside the project's root, then anywhere; with the case
// as written first.
func (r *reader) locate(named java.Field) (name, why string) {
	wanted := path.Clean(strings.TrimLeft(strings.ReplaceAll(named.Text, `\`, "/"), "/"))
	if wanted == "." || strings.HasPrefix(wanted, "..") {
		return "", "has no file name"
	}
	source := r.innerName(named.At.File)
	project := ""
	if i := strings.LastIndex("/"+source, "/src/"); i >= 0 {
		project = source[:i]
	}
	places := []string{path.Join(project, "src/main/resources", wanted), path.Join(project, wanted), path.Join(path.Dir(source), wanted)}
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for _, place := range places {
			if match := r.matching(func(name string) bool { return same(name, place) }); len(match) == 1 {
				return match[0], ""
			}
		}
		match := r.matching(func(name string) bool {
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
	for _, refused := range slices.Sorted(maps.Keys(r.tree.refused)) {
		if strings.EqualFold(path.Base(refused), path.Base(wanted)) {
			return "", r.tree.refused[refused]
		}
	}
	return "", "is not in the bundle: no file is called " + strconv.Quote(path.Base(wanted))
}

func (r *reader) matching(ok func(string) bool) []string {
	var list []string
	for _, e := range r.tree.files {
		if ok(e.name) {
			list = append(list, e.name)
		}
	}
	return list
}
