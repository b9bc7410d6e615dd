package generate

import (
	"bytes"
	"fmt"
	"go/format"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/templates"
)

const dotenv = ".env"

// yours lists the files of a Hazelcast project that are the user's to edit.
var yours = []string{"main.go", "health.go", "writeloop.go", "writeloop_test.go", "README.md", ".gitignore", ".gitattributes", spec.FileName}

// Render returns the files of a project, sorted by path. Equal projects give
// equal bytes. It reads nothing but the project and the templates.
func Render(p *Project) ([]File, error) {
	var files []File
	add := func(name string, data []byte) {
		f := File{Path: name, Data: data, Mode: 0o644, Owner: Generated}
		switch {
		case slices.Contains(yours, name):
			f.Owner = Scaffolded
		case name == "go.mod" || name == "go.sum":
			f.Owner = Merged
		}
		files = append(files, f)
	}
	for _, s := range templates.Sources(p.Spec.Kind) {
		data, err := rewriteImports(s.Path, s.Data, p.Spec.Module, p.Spec.Kind)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(yours, s.Path) {
			data = append([]byte(header), data...)
		}
		add(s.Path, data)
	}
	values := templateValues(p)
	for name, template := range map[string]string{"clusters.go": "clusters.go", "go.mod": "go.mod", "go.sum": "go.sum", "README.md": "README.md",
		".env.example": "env.example", ".gitignore": "gitignore", ".gitattributes": "gitattributes"} {
		data, err := templates.Render(p.Spec.Kind, template, values)
		if err == nil && strings.HasSuffix(name, ".go") {
			data, err = format.Source(data)
		}
		if err == nil && name == "go.mod" {
			err = mustNotNeedItself(p.Spec.Module, data)
		}
		if err != nil {
			return nil, err
		}
		add(name, data)
	}
	secrets, err := secretFiles(p)
	if err != nil {
		return nil, err
	}
	files = append(files, secrets...)
	add(spec.FileName, p.Spec.Marshal())
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	add(spec.LockName, lockOf(p, files).Marshal())
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// mustNotNeedItself refuses the path of a module that goMod requires, or one below.
func mustNotNeedItself(path string, goMod []byte) error {
	mod, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return err // a fault of the template
	}
	for _, r := range mod.Require {
		if strings.HasPrefix(path+"/", r.Mod.Path+"/") {
			return fault.New(fault.Input, fault.Position{},
				fmt.Sprintf("the module path %q belongs to %s, which the project needs", path, r.Mod.Path),
				"give one of your own by --module, or as module in "+spec.FileName)
		}
	}
	return nil
}

// cluster is what the templates see of a cluster. There is no secret in it:
// of those they learn only whether there is one.
type cluster struct {
	Name, DiscoveryURL, ServerName, Alias, Username string
	Addresses                                       []string
	Keystore, Truststore                            string
	Token, KeyPassword, Password                    bool
}

// values is what the templates see of a project.
type values struct {
	Module, Map string
	Clusters    []cluster
	Failover    spec.Failover
}

// Folder is the last element of the module path.
func (v values) Folder() string { return path.Base(v.Module) }

func templateValues(p *Project) values {
	v := values{Module: p.Spec.Module, Map: p.Spec.Map, Failover: p.Spec.Failover}
	for _, c := range p.Clusters {
		v.Clusters = append(v.Clusters, cluster{
			Name: c.Name, DiscoveryURL: c.DiscoveryURL, ServerName: c.ServerName, Alias: c.Alias, Username: c.Username, Addresses: c.Addresses,
			Keystore: c.Keystore.Name, Truststore: c.Truststore.Name,
			Token: c.Token.Present(), KeyPassword: c.KeyPassword.Present(), Password: c.Password.Present(),
		})
	}
	return v
}

// secretFiles are the keystores and, unless the spec says otherwise, .env.
func secretFiles(p *Project) ([]File, error) {
	var files []File
	var env bytes.Buffer
	var faults fault.List
	for i, c := range p.Clusters {
		for _, s := range []Store{c.Keystore, c.Truststore} {
			files = append(files, File{Path: path.Join("resources", s.Name), Data: s.Data, Mode: 0o600, Owner: Secret})
		}
		for _, v := range []struct {
			name   string
			secret bundle.Secret
		}{{"TOKEN", c.Token}, {"KEYSTORE_PASSWORD", c.KeystorePassword}, {"KEY_PASSWORD", c.KeyPassword},
			{"TRUSTSTORE_PASSWORD", c.TruststorePassword}, {"PASSWORD", c.Password}} {
			if !v.secret.Present() {
				continue
			}
			text := v.secret.Reveal()
			if strings.ContainsAny(text, "\r\n") {
				at := v.secret.At
				faults = append(faults, fault.New(fault.Input, at,
					fmt.Sprintf("this secret holds a line break, which %s cannot", dotenv),
					fmt.Sprintf("give --secrets none and the secret by FAILOVER_%d_%s_FILE", i+1, v.name)))
			}
			fmt.Fprintf(&env, "FAILOVER_%d_%s='%s'\n", i+1, v.name, strings.ReplaceAll(text, "'", `'\''`))
		}
	}
	if p.Spec.Secrets == spec.SecretsNone {
		return files, nil
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return append(files, File{Path: dotenv, Data: env.Bytes(), Mode: 0o600, Owner: Secret}), nil
}

// lockOf lists the files with the digests of those that are compared later.
// There is none of .env: a short password could be guessed from it.
func lockOf(p *Project, files []File) *spec.Lock {
	l := &spec.Lock{Version: spec.Version, Spec: p.Spec.Digest(), Templates: templates.Digest(p.Spec.Kind)}
	for _, c := range p.Clusters {
		l.Clusters = append(l.Clusters, c.said)
	}
	for _, f := range files {
		entry := spec.LockFile{Path: f.Path, Owner: string(f.Owner)}
		if f.Owner == Generated {
			entry.SHA256 = digest(f.Data)
		}
		l.Files = append(l.Files, entry)
	}
	return l
}
