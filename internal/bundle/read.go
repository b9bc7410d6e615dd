package bundle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/clc"
	"github.com/failover-gen/failover-gen/internal/bundle/cpp"
	"github.com/failover-gen/failover-gen/internal/bundle/declared"
	"github.com/failover-gen/failover-gen/internal/bundle/dotnet"
	"github.com/failover-gen/failover-gen/internal/bundle/fabric"
	"github.com/failover-gen/failover-gen/internal/bundle/files"
	"github.com/failover-gen/failover-gen/internal/bundle/golang"
	"github.com/failover-gen/failover-gen/internal/bundle/java"
	"github.com/failover-gen/failover-gen/internal/bundle/kubernetes"
	"github.com/failover-gen/failover-gen/internal/bundle/node"
	"github.com/failover-gen/failover-gen/internal/bundle/python"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/bundle/spring"
	"github.com/failover-gen/failover-gen/internal/bundle/storefolder"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// readers are the languages and formats that are read. A new one is added here. Those
// that read folders without other sources come last.
var readers = []*said.Reader{&java.Reader, &clc.Reader, &python.Reader, &golang.Reader, &node.Reader, &dotnet.Reader, &cpp.Reader,
	&java.Kotlin, &java.Scala, &java.Groovy, &declared.XML, &declared.YAML, &spring.XML, &spring.Boot,
	&kubernetes.Reader, &kubernetes.FolderReader, &storefolder.Reader}

// Overrides says which values the user gives by flag. The bundle need not have them.
type Overrides struct {
	// Numbers are those that the bundle's clusters have in the project, in the order
	// of the bundle; 0, and what is left out, means the place in the bundle.
	Numbers []int
	// Fields are spelled as --set spells them: "2.name", "1.discoveryURL".
	// Those that count are name, discoveryURL, addresses, username and tls. The values
	// of a registry have no number: "fabricPath".
	Fields []string
	// Passwords replace those that the bundle has for the stores of its clusters, in
	// the order of the bundle. It may be shorter than that.
	Passwords []Passwords
}

// Passwords are the secrets of one cluster that the user gives beside its bundle. One
// that is absent leaves what the bundle says.
type Passwords struct {
	// Keystore, Key and Truststore replace what the bundle says.
	Keystore, Key, Truststore Secret
	// Token and Password, that of the user name, count where the bundle has none that can
	// be followed: a bundle with a token is not to be turned to another cluster unseen.
	Token, Password Secret
}

// NoPassword is the cause of a fault about a store whose password the bundle lacks.
// The user can give it beside the bundle.
type NoPassword struct {
	// Store is "keystore" or "truststore".
	Store string
}

func (e *NoPassword) Error() string { return "the bundle has no password for the " + e.Store }

// has reports whether the user gives a field of the bundle's cluster at index.
func (o Overrides) has(index int, field string) bool {
	return field != "" && slices.Contains(o.Fields, o.flag(index, field))
}

// passwords are those that the user gives for the bundle's cluster at index.
func (o Overrides) passwords(index int) Passwords {
	if index < len(o.Passwords) {
		return o.Passwords[index]
	}
	return Passwords{}
}

// flag spells a field of the bundle's cluster at index for --set.
func (o Overrides) flag(index int, field string) string {
	return fmt.Sprintf("%d.%s", o.number(index), field)
}

// variable spells a secret of the bundle's cluster at index as a project's environment
// does.
func (o Overrides) variable(index int, name string) string {
	return fmt.Sprintf("FAILOVER_%d_%s", o.number(index), name)
}

// number is that of the bundle's cluster at index.
func (o Overrides) number(index int) int {
	if index < len(o.Numbers) && o.Numbers[index] > 0 {
		return o.Numbers[index]
	}
	return index + 1
}

// Read reads the bundle at path: an extracted directory, a .zip or a .tar.gz,
// with or without a top-level folder, or a single source with the stores beside
// it or among its project's resources. Its error is a *fault.Fault, or a
// fault.List of all that must be corrected in the sources.
func Read(path string) (*Bundle, error) { return ReadWith(path, Overrides{}) }

// ReadWith reads as Read does, but does not fail where a value is missing that the
// user overrides.
func ReadWith(path string, o Overrides) (*Bundle, error) {
	tree, err := files.Open(path, sourceLimit)
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	r := &reader{tree: tree, overrides: o, bundle: &Bundle{Path: tree.Given()}}
	isRegistry, err := r.registry()
	if err == nil && !isRegistry {
		err = r.read()
	}
	if err != nil {
		return nil, err
	}
	if err := inOrder(r.faults).ErrOrNil(); err != nil {
		return nil, err
	}
	return r.bundle, nil
}

// IsSource reports whether a file of this name can be one from which clients are read.
func IsSource(name string) bool { return sourceLimit(name) > 0 }

// sourceLimit gives the size up to which a file of this name is read as a
// source, 0 if no reader takes it for one.
func sourceLimit(name string) int64 {
	limit := fabric.Source(name)
	for _, form := range readers {
		if form.Alone {
			continue
		}
		limit = max(limit, form.Source(name))
	}
	return limit
}

// inOrder sorts faults by file, line and column.
func inOrder(list fault.List) fault.List {
	slices.SortStableFunc(list, func(a, b *fault.Fault) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
	})
	return list
}

// reader turns one tree into one bundle, collecting what is wrong with it.
type reader struct {
	tree      *files.Tree
	overrides Overrides
	sources   []*said.Reader // of which the bundle has sources
	form      *said.Reader   // of the chosen configurations
	loose     fault.List     // beside the chosen configurations
	bundle    *Bundle
	faults    fault.List
}

func (r *reader) fail(at fault.Position, cause, remedy string) {
	r.add(fault.New(fault.Input, at, cause, remedy))
}

// failSetting is fail for a setting of a cluster.
func (r *reader) failSetting(s setting, at fault.Position, cause, remedy string) {
	f := fault.New(fault.Input, at, cause, remedy)
	if store, ok := strings.CutSuffix(s.label, " password"); ok {
		f.Err = &NoPassword{store}
	}
	r.add(f)
}

func (r *reader) add(f *fault.Fault) { r.faults = with(r.faults, f) }

// with adds a fault unless it is there: one text can be used for two values, and
// one method can be followed from two places.
func with(list fault.List, f *fault.Fault) fault.List {
	for _, have := range list {
		if have.Position == f.Position && have.Cause == f.Cause {
			return list
		}
	}
	return append(list, f)
}

func (r *reader) warn(at fault.Position, text string) {
	r.bundle.Warnings = append(r.bundle.Warnings, at.String()+": "+text)
}

// Limits on the sources of one form.
const (
	maxSources     = 300
	maxSourceBytes = 4 << 20
)

// found is a candidate and the form that it is written in.
type found struct {
	said.Candidate
	form *said.Reader
}

// read gives the files to the readers, chooses among what they find, and
// resolves it.
func (r *reader) read() error {
	var candidates []found
	var faults fault.List
	var crowded error // a form whose files are too many to be a client's
	for _, form := range readers {
		if form.Alone && len(r.sources)+len(faults) > 0 {
			continue
		}
		list, many, err := r.filesFor(form)
		if err != nil {
			return err
		}
		crowded = cmp.Or(crowded, many)
		if list == nil {
			continue
		}
		from, wrong := form.Read(list)
		if !form.Alone || len(from) > 0 {
			r.sources = append(r.sources, form)
		}
		for _, c := range from {
			candidates = append(candidates, found{c, form})
		}
		faults = append(faults, wrong...)
	}
	switch found := len(r.sources) + len(faults); {
	case len(candidates)+len(faults) == 0 && crowded != nil:
		return crowded
	case found == 0 && r.tree.Single() && fabric.Source(r.tree.Given()) > 0:
		return r.tree.Fault("this XML file sets up no client: it has neither a bean of class "+fabric.Feature+" nor a Hazelcast client", "give the file that has it, or the client bundle as the console hands it out", nil)
	case found == 0:
		return r.notBundle("it has no source of a client that failover-gen knows (docs/spellings.md lists them)")
	}
	candidates = r.followFrom(candidates)
	chosen, err := r.choose(candidates, faults)
	if err != nil {
		return err
	}
	r.bundle.Form = r.form.Form
	for i := range chosen {
		r.resolve(i, len(chosen), &chosen[i])
	}
	r.compareSecond(chosen)
	r.checkURLs(chosen)
	r.tellLoose(chosen, candidates)
	if len(r.faults) > 0 {
		return nil
	}
	return r.attachStores(chosen)
}

// filesFor reads the files that a form wants to see, nil if there is no source of it or
// if there are far too many: then crowded says so.
func (r *reader) filesFor(form *said.Reader) (list []said.File, crowded, err error) {
	if r.tree.Single() && form.Source(r.tree.Given()) == 0 {
		return nil, nil, nil
	}
	list, names, sources, total := r.namesFor(form)
	switch {
	case sources == 0:
		return nil, nil, nil
	case sources > maxSources || total > maxSourceBytes:
		return nil, r.tree.Fault(fmt.Sprintf("it has %d %ss, far more than a client bundle", sources, form.Noun), "give the client's file itself, or the directory with its files alone", nil), nil
	}
	content, err := r.tree.Read(names, files.MaxFile)
	if err != nil {
		return nil, nil, err
	}
	mentioned := form.Mentions == nil
	for i, f := range list {
		list[i].Data = content[f.Path]
		mentioned = mentioned || form.Source(f.Path) > 0 && !f.Beside && form.Mentions(list[i].Data)
	}
	if !mentioned {
		return nil, nil, nil
	}
	return list, nil, nil
}

// namesFor lists the files that a form wants to see, the names of those that are small
// enough to be read, and how many sources are among them, of how many bytes.
func (r *reader) namesFor(form *said.Reader) (list []said.File, names []string, sources int, total int64) {
	for _, e := range r.tree.Entries() {
		source := form.Source(e.Name)
		beside := r.tree.Single() && e.Name != r.tree.Source()
		if beside && form.Mentions == nil {
			source = 0 // a user who gives one source means that one
		}
		limit := max(source, form.Beside(e.Name))
		if limit == 0 {
			continue
		}
		f := said.File{Name: r.tree.Display(e.Name), Path: e.Name, TooLarge: e.Size > limit, Beside: beside}
		list = append(list, f)
		if f.TooLarge {
			continue
		}
		names = append(names, e.Name)
		if source > 0 {
			sources, total = sources+1, total+e.Size
		}
	}
	return list, names, sources, total
}

// notBundle says what was looked for and what was found.
func (r *reader) notBundle(why string) error {
	entries := r.tree.Entries()
	held := "nothing"
	if n := len(entries); n > 0 {
		list := make([]string, 0, 5)
		for _, e := range entries[:min(n, 5)] {
			list = append(list, e.Name)
		}
		held = strings.Join(list, ", ")
		if n > len(list) {
			held += fmt.Sprintf(" and %d more", n-len(list))
		}
	}
	looked := ""
	if len(r.sources) > 0 {
		looked = "looked for " + joined(r.sources, func(form *said.Reader) string { return form.Looked }) + ", "
	}
	return r.tree.Fault("this is not a client bundle: "+why+"; "+looked+"found "+held, files.GiveBundle, nil)
}

// joined lists a word of each form.
func joined(forms []*said.Reader, word func(*said.Reader) string) string {
	words := make([]string, len(forms))
	for i, form := range forms {
		words[i] = word(form)
	}
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
