package spec

import "github.com/failover-gen/failover-gen/internal/fault"

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
