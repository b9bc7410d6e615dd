package hazelcast

import (
	"path"

	"github.com/failover-gen/failover-gen/internal/spec"
)

// values is what the templates see of a project.
type values struct {
	Module, Map string
	Package     string // the name of the package; main in a project
	PEM         bool   // a cluster has PEM files
	Registry    bool   // the project can follow a pin in a registry
	Clusters    []clusterValues
	Failover    spec.Failover
}

// clusterValues is what the templates see of a cluster. There is no secret in it:
// of those they learn only whether there is one.
type clusterValues struct {
	Name, DiscoveryURL, ServerName, Alias, Username string
	Addresses                                       []string
	Keystore, Truststore, CA, Cert, Key             string
	SystemRoots                                     bool
	Token, KeyPassword, Password                    bool
}

// Folder is the last element of the module path.
func (v values) Folder() string { return path.Base(v.Module) }

func templateValues(s *spec.Spec, clusters []cluster) values {
	v := values{Module: s.Module, Map: s.Map, Package: s.PackageName(), Failover: s.Failover, Registry: s.Pin == spec.PinRegistry}
	for _, c := range clusters {
		v.PEM = v.PEM || c.CA.Name != "" || c.Cert.Name != "" || c.Key.Name != ""
		v.Clusters = append(v.Clusters, clusterValues{
			Name: c.Name, DiscoveryURL: c.DiscoveryURL, ServerName: c.ServerName, Alias: c.Alias, Username: c.Username, Addresses: c.Addresses,
			Keystore: c.Keystore.Name, Truststore: c.Truststore.Name, CA: c.CA.Name, Cert: c.Cert.Name, Key: c.Key.Name, SystemRoots: c.SystemRoots,
			Token: c.has("TOKEN"), KeyPassword: c.has("KEY_PASSWORD"), Password: c.has("PASSWORD"),
		})
	}
	return v
}
