package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// serviceFlags are those of projects that call a web service.
type serviceFlags struct {
	kind, fabricPath   string
	endpoints, servers []string
}

// onlyOfService are the flags that only such a project has.
var onlyOfService = []string{"--endpoint", "--registry-address", "--fabric-path"}

// onlyOfClusters are the flags that such a project does not have.
var onlyOfClusters = []string{"--primary", "--secondary", "--map", "--standby", "--failback"}

// bind adds the flags.
func (f *serviceFlags) bind(flags *pflag.FlagSet) {
	flags.StringVar(&f.kind, "kind", "", "`KIND` of project: "+strings.Join(spec.Kinds(), " or ")+" (default: what the source and the other flags are for)")
	flags.StringArrayVar(&f.endpoints, "endpoint", nil, "`URL` of an endpoint of a web service, in order of preference; may be repeated")
	flags.StringArrayVar(&f.servers, "registry-address", nil, "`HOST:PORT` of a ZooKeeper server that lists the endpoints; may be repeated (default localhost:2181)")
	flags.StringVar(&f.fabricPath, "fabric-path", "", "`PATH` of the list of endpoints in ZooKeeper, below /fabric/cxf/endpoints")
}

// isService reports whether the project calls a web service.
func (f *projectFlags) isService() bool {
	isOf := func(flag string) bool { return slices.Contains(onlyOfService, flag) }
	return f.kind == spec.KindWebservice || f.kind == "" && slices.ContainsFunc(f.given, isOf)
}

// projectKind is the kind of a new project.
func (f *projectFlags) projectKind() string {
	if f.isService() {
		return spec.KindWebservice
	}
	return spec.KindHazelcast
}

// checkKind refuses a kind that does not exist, and flags that the kind does not have.
func (f *projectFlags) checkKind() error {
	if slices.Contains(f.given, "--kind") && !slices.Contains(spec.Kinds(), f.kind) {
		return fault.New(fault.Input, fault.Position{}, fmt.Sprintf("--kind %s: there is no such kind of project", f.kind), "say "+strings.Join(spec.Kinds(), " or "))
	}
	foreign, remedy := onlyOfService, "give the bundles of clusters by --primary and --secondary, or leave out --kind"
	if f.isService() {
		foreign, remedy = onlyOfClusters, "give --from FILE.xml, --endpoint, or --fabric-path for a web service, or bundles alone for clusters"
	}
	for _, flag := range f.given {
		if slices.Contains(foreign, flag) {
			return fault.New(fault.Input, fault.Position{}, fmt.Sprintf("%s is not for a project of kind %s", flag, f.projectKind()), remedy)
		}
	}
	if slices.Contains(f.given, "--endpoint") {
		for _, flag := range onlyOfService[1:] {
			if slices.Contains(f.given, flag) {
				return fault.New(fault.Input, fault.Position{}, "--endpoint and "+flag+" do not go together: the endpoints are either given or listed in a registry", "keep one of them")
			}
		}
	}
	return nil
}

// missingOfService names the flags that a new project needs and that are not there.
func (f *projectFlags) missingOfService() error {
	var names []string
	if len(f.endpoints) == 0 && f.fabricPath == "" {
		names = append(names, "--from, --endpoint or --fabric-path")
	}
	if f.out == "" {
		names = append(names, "--out")
	}
	if len(names) == 0 {
		return nil
	}
	return fault.New(fault.Input, fault.Position{}, "missing: "+strings.Join(names, ", "),
		"say where the endpoints are listed: in a Spring or Blueprint file, here, or in ZooKeeper; and give a folder")
}

// setService puts into the spec which file it is made from. A new one learns too
// whether the endpoints are given.
func (f *projectFlags) setService(s *spec.Spec, isNew bool) (err error) {
	was := s.Webservice.Bundle
	s.Webservice.Bundle = ""
	if f.from != "" {
		if s.Webservice.Bundle, err = generate.Relative(f.out, f.from); err != nil {
			return err
		}
	}
	if was != s.Webservice.Bundle {
		s.Webservice.BundleAt = fault.Position{}
	}
	if isNew && len(f.endpoints) > 0 {
		s.Webservice.Registry.Type = spec.RegistryStatic
	}
	return nil
}

// serviceSettings lists the values that the flags give.
func (f *projectFlags) serviceSettings() (list []setting) {
	for _, v := range []struct{ flag, key, value string }{
		{"--endpoint", "endpoints", strings.Join(f.endpoints, ",")},
		{"--registry-address", "addresses", strings.Join(f.servers, ",")},
		{"--fabric-path", "fabricPath", f.fabricPath},
	} {
		if slices.Contains(f.given, v.flag) {
			list = append(list, setting{flag: v.flag, change: spec.Change{Key: v.key, Value: v.value}})
		}
	}
	return list
}

// missingOfServiceToAsk names the flags of the questions that cannot be asked.
func (r *initRun) missingOfServiceToAsk() error {
	var needed []string
	if r.from == "" && len(r.endpoints) == 0 && r.fabricPath == "" {
		needed = append(needed, "--from, --endpoint or --fabric-path")
	}
	if !r.yes {
		needed = append(needed, slices.DeleteFunc([]string{"--module", "--secrets", "--out", "--yes"}, func(flag string) bool { return slices.Contains(r.given, flag) })...)
	}
	if len(needed) == 0 {
		return nil
	}
	return fault.New(fault.Input, fault.Position{}, "there is no terminal to ask on; missing: "+strings.Join(needed, ", "),
		"say where the endpoints are listed; --yes takes the default of every other question")
}

// askService asks what a project of a web service needs, and keeps the answers as
// the flags would have.
func (r *initRun) askService(ctx context.Context) error {
	w := r.wizard
	if r.from != "" {
		w.Service.From = r.from
	}
	w.Service.Endpoints, w.Service.Servers, w.Service.FabricPath = r.endpoints, r.servers, r.fabricPath
	if err := w.AskService(ctx); err != nil {
		return err
	}
	s, a := w.Service, w.Answers
	r.kind, r.from, r.endpoints, r.servers, r.fabricPath = spec.KindWebservice, s.From, s.Endpoints, s.Servers, s.FabricPath
	r.module, r.secrets, r.out = a.Module, a.Secrets, a.Out
	if err := r.openExisting(); err != nil {
		return err
	}
	for _, x := range []struct {
		flag  string
		given bool
	}{{"--endpoint", len(s.Endpoints) > 0}, {"--registry-address", len(s.Servers) > 0}, {"--fabric-path", s.FabricPath != ""}, {"--module", true}, {"--secrets", a.Secrets != ""}} {
		if x.given && !slices.Contains(r.given, x.flag) {
			r.given = append(r.given, x.flag)
		}
	}
	if s.Select != "" && s.Select != spec.SelectSticky {
		r.set = append(r.set, "failover.select="+s.Select)
	}
	if s.Replay != "" && s.Replay != spec.ReplayUnsent {
		r.set = append(r.set, "failover.replay="+s.Replay)
	}
	return nil
}
