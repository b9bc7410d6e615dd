package bundle

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/bundle/fabric"
	"github.com/failover-gen/failover-gen/internal/bundle/files"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// Registry is what the bundle says about the registry that lists the endpoints of a
// web service.
type Registry struct {
	// At is where the source sets up failover.
	At fault.Position
	// Kind is spec.RegistryZooKeeper.
	Kind string
	// Addresses are those of the servers where the source names them.
	Addresses []Value
	// FabricPath is below /fabric/cxf/endpoints/, without a slash at either end.
	FabricPath Value
	// User and Password are ZooKeeper's digest authentication. A user without a
	// password means that the source has one which is not known.
	User     Value
	Password Secret
	// MaximumConnectionTimeout and ConnectionRetryTime are numbers of milliseconds.
	MaximumConnectionTimeout, ConnectionRetryTime Value
	// Exceptions are Java names, as the source lists them.
	Exceptions []Value
	// Address and ServiceClass are those of the client that uses the registry.
	Address, ServiceClass Value
	// NoEffect lists what the source says for nothing, one line each, with position.
	NoEffect []string
}

// digestUser is the user that Fabric has for its password.
const digestUser = "fabric"

// Said gives the registry in the form that Webservice.Settled of package spec takes.
func (r *Registry) Said() spec.Webservice {
	w := spec.Webservice{Registry: spec.Registry{FabricPath: r.FabricPath.Text, User: r.User.Text}}
	w.Registry.Addresses, w.Calls.Exceptions = texts(r.Addresses), texts(r.Exceptions)
	w.Registry.MaximumConnectionTimeout, _ = time.ParseDuration(r.MaximumConnectionTimeout.Text + "ms") // was checked
	w.Registry.ConnectionRetryTime, _ = time.ParseDuration(r.ConnectionRetryTime.Text + "ms")
	return w
}

func texts(values []Value) []string {
	var list []string
	for _, v := range values {
		list = append(list, v.Text)
	}
	return list
}

// LacksClusters says why the bundle cannot be that of a Hazelcast cluster, nil if it
// can.
func (b *Bundle) LacksClusters() *fault.Fault {
	if b.Registry == nil {
		return nil
	}
	return fault.New(fault.Input, b.Registry.At, "this sets up failover for a web service, and not a Hazelcast client",
		"a project of kind webservice is made from it with generate --from "+b.Path)
}

// fabricFiles gives the files of a web service's bundle, nil where none of them names
// the class. Files that cannot be read are left to those who need them.
func (r *reader) fabricFiles() ([]said.File, error) {
	if r.tree.Single() && fabric.Source(r.tree.Given()) == 0 {
		return nil, nil
	}
	var names []string
	total, isFabric := int64(0), false
	for _, e := range r.tree.Entries() {
		limit := max(fabric.Source(e.Name), fabric.Beside(e.Name))
		if limit == 0 || e.Size > limit {
			continue
		}
		names = append(names, e.Name)
		total += e.Size
	}
	if !slices.ContainsFunc(names, func(name string) bool { return fabric.Source(name) > 0 }) || len(names) > maxSources || total > maxSourceBytes {
		return nil, nil
	}
	content, err := r.tree.Read(names, files.MaxFile)
	if err != nil {
		if r.tree.Single() {
			return nil, err
		}
		return nil, nil
	}
	var list []said.File
	for _, name := range names {
		list = append(list, said.File{Name: r.tree.Display(name), Path: name, Data: content[name]})
		isFabric = isFabric || fabric.Source(name) > 0 && fabric.Mentions(content[name])
	}
	if !isFabric {
		return nil, nil
	}
	return list, nil
}

// registry reads a bundle of a web service. It reports whether this is one.
func (r *reader) registry() (bool, error) {
	list, err := r.fabricFiles()
	switch {
	case err != nil:
		return true, err
	case list == nil && fabric.Source(r.tree.Given()) > 0 && r.tree.Single():
		return true, r.tree.Fault("this XML file has no bean of class "+fabric.Feature, "give the Spring or Blueprint file that has it, or the client bundle as the console hands it out", nil)
	case list == nil:
		return false, nil
	}
	from, faults := fabric.Read(list)
	if err := inOrder(faults).ErrOrNil(); err != nil {
		return true, err
	}
	if from == nil {
		if !r.tree.Single() && r.read() == nil { // a bundle of Hazelcast that only names the class
			return true, nil
		}
		return true, r.tree.Fault("it names the class "+fabric.Feature+", but has no bean of it", "give the file with the bean", nil)
	}
	r.bundle.Form = from.Form
	out := &Registry{At: from.At, Kind: spec.RegistryZooKeeper}
	r.bundle.Registry = out
	r.registryValues(from, out)
	for _, w := range from.NoEffect {
		out.NoEffect = append(out.NoEffect, w.At.String()+": "+w.Text)
	}
	r.warnAll(from.Warnings)
	return true, nil
}

// registryValues resolves each value, collecting what is not followed or wrong.
func (r *reader) registryValues(from *said.Registry, out *Registry) {
	for _, v := range []struct {
		key       string
		said      said.Value
		separator string
		one       *Value
		list      *[]Value
	}{
		{"fabricPath", from.FabricPath, "", &out.FabricPath, nil},
		{"addresses", from.Servers, ",", nil, &out.Addresses},
		{"exceptions", from.Exceptions, ";", nil, &out.Exceptions},
		{"maximumConnectionTimeout", from.MaximumConnectionTimeout, "", &out.MaximumConnectionTimeout, nil},
		{"connectionRetryTime", from.ConnectionRetryTime, "", &out.ConnectionRetryTime, nil},
	} {
		switch {
		case slices.Contains(r.overrides.Fields, v.key), v.said.State == said.Absent:
		case v.said.State == said.NotFollowed:
			r.fail(v.said.At, "the "+inXML(v.key)+" cannot be followed: it is "+v.said.Why, "give it with --set "+settingName(v.key)+"=, or write it in place as a text")
		case v.one != nil:
			if r.registryValue(v.key, v.said.Text, v.said.At) {
				*v.one = Value{v.said.Text, v.said.At}
			}
		default:
			for part := range strings.SplitSeq(v.said.Text, v.separator) {
				part = strings.TrimSpace(part)
				had := slices.ContainsFunc(*v.list, func(have Value) bool { return have.Text == part })
				if part != "" && !had && r.registryValue(v.key, part, v.said.At) {
					*v.list = append(*v.list, Value{part, v.said.At})
				}
			}
		}
	}
	if path, wrong := spec.CleanFabricPath(out.FabricPath.Text); wrong == nil {
		out.FabricPath.Text = path
	}
	if from.FabricPath.State == said.Absent && !slices.Contains(r.overrides.Fields, "fabricPath") {
		r.fail(from.At, "this bean has no fabricPath, so nothing says where the endpoints are listed", "give it with --set registry.fabricPath=, or set the property")
	}
	out.Address, out.ServiceClass = asValue(from.Address), asValue(from.ServiceClass)
	r.password(from.Password, out)
}

// registryValue checks one value by the rules of failover.yaml. A time of the XML has
// no unit.
func (r *reader) registryValue(key, text string, at fault.Position) bool {
	scratch := spec.DefaultOf(spec.KindWebservice)
	switch wrong := scratch.Set(key, text); {
	case (key == "maximumConnectionTimeout" || key == "connectionRetryTime") && strings.Trim(text, "0123456789") != "":
		r.fail(at, fmt.Sprintf("%s: %q is not a number of milliseconds", key, text), "give it with --set "+settingName(key)+"=10s, or correct it here")
	case key == "exceptions" && spec.CheckJavaName(text) != nil:
		r.fail(at, spec.CheckJavaName(text).Cause, "give full names, and separate them by semicolons, or decide with --set "+settingName(key)+"=")
	case wrong != nil:
		r.fail(at, wrong.Cause, wrong.Remedy+", or decide with --set "+settingName(key)+"=")
	default:
		return true
	}
	return false
}

// inXML is the name that the XML has for a value.
func inXML(key string) string {
	if key == "addresses" {
		return "zooKeeperUrl"
	}
	return key
}

// password takes the secret. One that is not known does not stop the reading: it is
// given in the environment, and no flag can give it.
func (r *reader) password(from said.Value, out *Registry) {
	if from.State == said.Absent {
		return
	}
	if !slices.Contains(r.overrides.Fields, "user") {
		out.User = Value{digestUser, from.At}
	}
	if from.State == said.NotFollowed {
		r.warn(from.At, "the zooKeeperPassword cannot be followed: it is "+from.Why+"; give it as FAILOVER_REGISTRY_PASSWORD")
		return
	}
	out.Password = asSecret(from)
}

// settingName is how --set names a value of a web service.
func settingName(key string) string { return spec.SettingName(spec.KindWebservice, key) }
