package bundle

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/files"
	"github.com/failover-gen/failover-gen/internal/bundle/java"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// wanted is a store or PEM file that a source names, and where it belongs.
type wanted struct {
	said  said.Store
	into  **Store
	label string
}

// wantedOf lists what a configuration can name.
func wantedOf(tls *said.TLS, c *Cluster) []wanted {
	return []wanted{
		{tls.Keystore, &c.Keystore, "keystore"}, {tls.Truststore, &c.Truststore, "truststore"},
		{tls.CA, &c.CA, "CA file"}, {tls.Cert, &c.Cert, "certificate file"}, {tls.Key, &c.Key, "key file"},
	}
}

// attachStores finds the files that the configurations name and reads them, each once.
func (r *reader) attachStores(configs []said.Config) error {
	var list []wanted
	for i := range configs {
		list = append(list, wantedOf(&configs[i].TLS, &r.bundle.Clusters[i])...)
	}
	remedy := "put the file into the bundle's src/main/resources, or fetch the bundle from the console again"
	if r.form.Form != java.Reader.Form {
		remedy = "put the file into the bundle, or fetch the bundle from the console again"
	}
	if r.tree.Single() {
		remedy = "put the file beside the source, or give the directory of the bundle"
	}
	found := make([]string, len(list))
	needed := map[string]bool{}
	var names []string
	for i, w := range list {
		named := w.said.File
		if named.State != said.Known {
			continue
		}
		if w.said.Data != nil {
			*w.into = &Store{Path: r.tree.Display(named.Text), Inner: named.Text, Data: w.said.Data, NamedAt: named.At}
			continue
		}
		name, why := r.tree.Locate(named.Text, named.At.File)
		if why != "" {
			r.fail(named.At, "the "+w.label+" named here "+why, remedy)
			continue
		}
		if found[i] = name; !needed[name] {
			needed[name] = true
			names = append(names, name)
		}
	}
	if len(r.faults) > 0 {
		return nil
	}
	content, err := r.tree.Read(names, files.MaxFile)
	if err != nil {
		return err
	}
	r.warnUnnamed(content)
	for i, w := range list {
		if found[i] != "" {
			*w.into = &Store{Path: r.tree.Display(found[i]), Inner: found[i], Data: content[found[i]], NamedAt: w.said.File.At}
		}
	}
	return nil
}

// storeEndings are the usual endings of keystores and truststores.
var storeEndings = []string{".keystore", ".truststore", ".jks", ".p12", ".pfx"}

// isStore reports whether a file is a keystore or truststore by its name.
func isStore(name string) bool {
	return slices.Contains(storeEndings, strings.ToLower(path.Ext(name)))
}

// warnUnnamed warns of stores that no source names: perhaps a user put a renewed
// store into the bundle under another name. It says nothing for a source that was
// given by itself, since any file may lie beside it, and nothing where there are
// loose stores, which the sources do name.
func (r *reader) warnUnnamed(named map[string][]byte) {
	if r.tree.Single() || len(r.bundle.Loose) > 0 || slices.ContainsFunc(r.overrides.Fields, func(f string) bool { return strings.HasSuffix(f, ".tls") }) {
		return
	}
	for _, e := range r.tree.Entries() {
		if _, used := named[e.Name]; !used && isStore(e.Name) && !r.isConsolePFX(e.Name) && !r.isCopy(e, named) {
			r.warn(fault.In(r.tree.Display(e.Name)), "no source names this store, so it is not used")
		}
	}
}

// isConsolePFX reports whether a file is the console's copy of the keystore for
// .NET. It lies beside the other two stores in every bundle.
func (r *reader) isConsolePFX(name string) bool {
	stem, found := strings.CutSuffix(name, ".pfx")
	return found && r.tree.Has(stem+".keystore") && r.tree.Has(stem+".truststore")
}

// isCopy reports whether a file has the content of a store that a source names.
// A file that cannot be read does not count as one.
func (r *reader) isCopy(e files.Entry, named map[string][]byte) bool {
	var content []byte
	for _, data := range named {
		if int64(len(data)) != e.Size {
			continue
		}
		if content == nil {
			read, err := r.tree.Read([]string{e.Name}, files.MaxFile)
			if err != nil {
				return false
			}
			content = read[e.Name]
		}
		if bytes.Equal(content, data) {
			return true
		}
	}
	return false
}
