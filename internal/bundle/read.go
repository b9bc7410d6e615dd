package bundle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/java"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Overrides says what the user gives by flag, so that the bundle need not.
type Overrides struct {
	// First is the number that the bundle's first cluster has in the project; 0 means 1.
	First int
	// Fields are spelled as --set spells them: "2.name", "1.discoveryURL".
	// Known are name, discoveryURL, addresses and username.
	Fields []string
}

// has reports whether the user gives a field of the bundle's cluster at index.
func (o Overrides) has(index int, field string) bool {
	return field != "" && slices.Contains(o.Fields, o.flag(index, field))
}

// flag spells a field of the bundle's cluster at index for --set.
func (o Overrides) flag(index int, field string) string {
	return fmt.Sprintf("%d.%s", max(o.First, 1)+index, field)
}

// Read reads the bundle at path: an extracted directory, a .zip or a .tar.gz,
// with or without a top-level folder, or a single .java file with the stores
// beside it or among its project's resources. Its error is a *fault.Fault, or a fault.List
// of all that is to be mended in the sources.
func Read(path string) (*Bundle, error) { return ReadWith(path, Overrides{}) }

// ReadWith reads as Read does, but does not fail for the lack of values that
// the user overrides.
func ReadWith(path string, o Overrides) (*Bundle, error) {
	t, err := open(path)
	if err != nil {
		return nil, err
	}
	defer t.close()
	r := &reader{tree: t, overrides: o, bundle: &Bundle{Path: t.given, Form: "java"}}
	if err := r.readJava(); err != nil {
		return nil, err
	}
	if err := inOrder(r.faults).ErrOrNil(); err != nil {
		return nil, err
	}
	return r.bundle, nil
}

// inOrder sorts faults as a reader of the files meets them.
func inOrder(list fault.List) fault.List {
	slices.SortStableFunc(list, func(a, b *fault.Fault) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
	})
	return list
}

// reader turns one tree into one bundle, collecting what is wrong with it.
type reader struct {
	tree      *tree
	overrides Overrides
	bundle    *Bundle
	faults    fault.List
}

func (r *reader) fail(at fault.Position, cause, remedy string) {
	f := fault.New(fault.Input, at, cause, remedy)
	for _, have := range r.faults {
		if have.File == f.File && have.Line == f.Line && have.Column == f.Column && have.Cause == f.Cause {
			return // one text that is used for two values
		}
	}
	r.faults = append(r.faults, f)
}

func (r *reader) warn(at fault.Position, text string) {
	r.bundle.Warnings = append(r.bundle.Warnings, at.String()+": "+text)
}

// Limits on the sources that are followed.
const (
	maxSources     = 300
	maxSourceBytes = 4 << 20
)

// readJava finds the sources, chooses among what they say, and resolves it.
func (r *reader) readJava() error {
	names, err := r.javaNames()
	if err != nil {
		return err
	}
	content, err := r.tree.read(names, java.MaxSource)
	if err != nil {
		return err
	}
	sources := make([]java.Source, len(names))
	for i, name := range names {
		sources[i] = java.Source{File: r.tree.display(name), Data: content[name]}
	}
	candidates, faults := java.Read(sources)
	chosen, err := r.choose(candidates, faults)
	if err != nil {
		return err
	}
	pom, err := r.readPOM(r.innerName(chosen[0].At.File))
	if err != nil {
		return err
	}
	for i := range chosen {
		r.resolve(i, len(chosen), &chosen[i], pom)
	}
	r.comparePOM(chosen, pom)
	r.checkURLs(chosen)
	if len(r.faults) > 0 {
		return nil
	}
	return r.attachStores(chosen)
}

// javaNames lists the Java sources, or says what is there instead.
func (r *reader) javaNames() ([]string, error) {
	var names []string
	total := int64(0)
	for _, e := range r.tree.files {
		if strings.EqualFold(suffix(e.name), ".java") && e.size <= java.MaxSource {
			names = append(names, e.name)
			total += e.size
		}
	}
	switch {
	case len(names) == 0:
		return nil, r.notBundle("it has no Java source")
	case len(names) > maxSources || total > maxSourceBytes:
		return nil, r.tree.fault(fmt.Sprintf("it has %d Java sources, far more than a client bundle", len(names)), "give the directory of the bundle itself", nil)
	}
	return names, nil
}

// notBundle says what was looked for and what was found.
func (r *reader) notBundle(why string) error {
	found := "nothing"
	if n := len(r.tree.files); n > 0 {
		list := make([]string, 0, 5)
		for _, e := range r.tree.files[:min(n, 5)] {
			list = append(list, e.name)
		}
		found = strings.Join(list, ", ")
		if n > len(list) {
			found += fmt.Sprintf(" and %d more", n-len(list))
		}
	}
	return r.tree.fault("this is no client bundle: "+why+"; looked for a .java file that sets up a Hazelcast ClientConfig, found "+found, giveBundle, nil)
}

func suffix(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i:]
	}
	return ""
}

// innerName gives the name inside the tree of a file that is displayed so.
func (r *reader) innerName(displayed string) string {
	for _, e := range r.tree.files {
		if r.tree.display(e.name) == displayed {
			return e.name
		}
	}
	return ""
}
