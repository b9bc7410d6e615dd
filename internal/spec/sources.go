package spec

import (
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Source is a file or folder that a project is made from.
type Source struct {
	Path string         // as failover.yaml names it
	At   fault.Position // where it does; nowhere where a flag named it
}

// Sources lists what the spec names: of a Hazelcast project the bundle of each
// cluster, of a web service's the XML file, if there is one.
func (s *Spec) Sources() (list []Source) {
	for _, c := range s.Clusters {
		list = append(list, Source{c.Bundle, c.BundleAt})
	}
	if w := s.Webservice; w.Bundle != "" {
		list = append(list, Source{w.Bundle, w.BundleAt})
	}
	return list
}

// Sections lists the sections of failover.yaml whose values SetIn sets.
func Sections() (names []string) {
	for _, kind := range Kinds() {
		for _, in := range kinds[kind].sections(new(Spec)) {
			if !slices.Contains(names, in.key) {
				names = append(names, in.key)
			}
		}
	}
	return names
}

// SectionKeys lists what SetIn sets in a spec of a kind, as "section.key".
func SectionKeys(kind string) (keys []string) {
	for _, in := range kinds[kind].sections(new(Spec)) {
		for _, f := range in.fields {
			keys = append(keys, in.key+"."+f.name())
		}
	}
	return keys
}

// SetIn is Set for the value of a section, which must be in it.
func (s *Spec) SetIn(section, key, value string) *fault.Fault {
	if in, f := s.inSection(key); f != nil && in.key == section {
		return f.set(value)
	}
	return wrong("it is one of "+strings.Join(SectionKeys(s.Kind), ", "), "there is no value %q", section+"."+key)
}

// Overridden lists the keys by which w overrides what its bundle says.
func (w *Webservice) Overridden() (keys []string) {
	for _, in := range w.sections() {
		for _, f := range in.fields {
			if f.given() {
				keys = append(keys, f.name())
			}
		}
	}
	return keys
}

// SettingName is how --set names a key of a section: "registry.fabricPath".
func SettingName(kind, key string) string {
	s := Spec{Kind: kind}
	in, _ := s.inSection(key)
	return in.key + "." + key
}
