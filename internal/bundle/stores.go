package bundle

import (
	"github.com/failover-gen/failover-gen/internal/bundle/files"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
)

// attachStores finds the files that the configurations name and reads them, each once.
func (r *reader) attachStores(configs []said.Config) error {
	type wanted struct {
		named said.Value
		into  **Store
		label string
	}
	var list []wanted
	for i := range configs {
		cluster := &r.bundle.Clusters[i]
		list = append(list,
			wanted{configs[i].TLS.Keystore.File, &cluster.Keystore, "keystore"},
			wanted{configs[i].TLS.Truststore.File, &cluster.Truststore, "truststore"})
	}
	remedy := "put the file into the bundle's src/main/resources, or fetch the bundle from the console again"
	if r.tree.Single() {
		remedy = "put the file beside the source, or give the directory of the bundle"
	}
	found := make([]string, len(list))
	needed := map[string]bool{}
	var names []string
	for i, w := range list {
		if w.named.State != said.Known {
			continue
		}
		name, why := r.tree.Locate(w.named.Text, w.named.At.File)
		if why != "" {
			r.fail(w.named.At, "the "+w.label+" named here "+why, remedy)
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
	content, err := r.tree.Read(names, files.MaxFile)
	if err != nil {
		return err
	}
	for i, w := range list {
		if found[i] != "" {
			*w.into = &Store{Path: r.tree.Display(found[i]), Inner: found[i], Data: content[found[i]], NamedAt: w.named.At}
		}
	}
	return nil
}
