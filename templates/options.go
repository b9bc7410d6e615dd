package templates

import (
	"path"
	"slices"
	"strings"
)

// The optional parts of projects that are named in Go. The others have the name of
// the key of failover.yaml that asks for them (spec.Spec.Options).
const OptionPEM = "pem" // reads PEM files

// Choice is what a project gets besides what every project of its kind has.
type Choice struct {
	// FullReader takes the strict reader of keystores in place of the small one.
	FullReader bool
	// Options are the names of optional parts, in any order.
	Options []string
}

// option is a part that a kind of project can have. What calls it is in every
// project: a function of internal/optional, or a variable that is nil without it. So
// main.go and health.go, which are written once, need no change when a project gets
// the part later.
type option struct {
	files []string // paths in the folder of the kind; those in onlyInPackages[kind] are not in projects
	// packages are folders beside that of the kind, which projects get as internal/NAME.
	packages []string
	// needs says that the files import modules that other projects do not require.
	needs bool
	// caller is a file of the user that has to have call, "" if there is none.
	caller, call string
}

// options lists the optional parts by kind and name.
var options = map[string]map[string]option{
	"hazelcast": {
		"metrics": {files: []string{"metrics.go", "internal/optional/metrics.go"}, needs: true, caller: "health.go", call: "optional.Serve(mux, client)"},
		OptionPEM: {files: []string{"pem.go"}},
		"pin":     {files: []string{"pinregistry.go"}, packages: []string{"fleet", "zksession"}, needs: true, caller: "main.go", call: "startClient(s, o)"},
	},
	"webservice": {
		"metrics": {files: []string{"internal/optional/metrics.go"}, needs: true, caller: "health.go", call: "optional.Serve(mux, transport)"},
	},
}

// lacks reports whether a file belongs to an option that was not chosen.
func (c Choice) lacks(kind, file string) bool {
	for name, o := range options[kind] {
		if slices.Contains(o.files, file) && !slices.Contains(c.Options, name) {
			return true
		}
	}
	return false
}

// Callers lists the calls without which a chosen option has no effect, by option. Each
// stands in a file of the user, whose template has it.
func (c Choice) Callers(kind string) (list []Caller) {
	for _, name := range optionNames(kind) {
		if o := options[kind][name]; slices.Contains(c.Options, name) && o.caller != "" {
			list = append(list, Caller{name, o.files, o.caller, o.call})
		}
	}
	return list
}

// Caller is the call of an option in a file of the user.
type Caller struct {
	Option string
	Files  []string // of the option; a project that has none of them never had it
	File   string
	Call   string
}

// withFolder is the folder, below that of a kind, in which each combination of
// options that need modules has a go.mod and a go.sum. A combination has whole files,
// because no rule puts them together from parts: a module that two options need at
// different versions changes which lines of go.sum are left over, and "go mod tidy"
// takes those away. There are as many as there are combinations, and go generate
// makes them all.
const withFolder = "with"

// With is the folder of the choice's go.mod.tmpl and go.sum.tmpl, below that of the
// kind; "" for the folder of the kind itself.
func (c Choice) With(kind string) string {
	var names []string
	for name, o := range options[kind] {
		if o.needs && slices.Contains(c.Options, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return path.Join(withFolder, strings.Join(names, "-"))
}

// Combinations lists a choice for each set of options of a kind that need modules of
// their own, that of none first.
func Combinations(kind string) []Choice {
	list := []Choice{{}}
	for _, name := range optionNames(kind) {
		if !options[kind][name].needs {
			continue
		}
		for _, c := range slices.Clone(list) {
			list = append(list, Choice{Options: append(slices.Clone(c.Options), name)})
		}
	}
	return list
}

// everyChoice lists choices that have every file of a kind among them.
func everyChoice(kind string) []Choice {
	list := Combinations(kind)
	return append(list, Choice{FullReader: true, Options: optionNames(kind)})
}

// optionNames are sorted.
func optionNames(kind string) (names []string) {
	for name := range options[kind] {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// packages lists the packages that a project gets as internal/NAME: those of every
// kind, those of its kind, and those of the chosen options.
func (c Choice) packages(kind string) []string {
	list := slices.Concat(Shared, sharedBy[kind])
	for _, name := range optionNames(kind) {
		if slices.Contains(c.Options, name) {
			list = append(list, options[kind][name].packages...)
		}
	}
	return list
}

// IsShared reports whether a package here is one that some project gets as internal/NAME.
func IsShared(name string) bool {
	if slices.Contains(Shared, name) {
		return true
	}
	for kind, list := range options {
		for _, o := range list {
			if slices.Contains(o.packages, name) || slices.Contains(sharedBy[kind], name) {
				return true
			}
		}
	}
	return false
}
