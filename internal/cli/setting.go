package cli

import (
	"slices"
	"strconv"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// setting is one value given by flag.
type setting struct {
	flag    string
	section string // of failover.yaml, where --set names one
	change  spec.Change
	wrong   *fault.Fault // why it is not of the form of a value
}

func (x setting) apply(s *spec.Spec) *fault.Fault {
	switch {
	case x.wrong != nil:
		return x.wrong
	case x.change.Cluster != 0 && s.Kind == spec.KindWebservice:
		return fault.New(fault.Input, fault.Position{}, "a web service has no clusters", "write it like failover.select=first")
	case x.section != "":
		return s.SetIn(x.section, x.change.Key, x.change.Value)
	case x.change.Cluster == 0:
		return s.Set(x.change.Key, x.change.Value)
	}
	return s.SetCluster(x.change.Cluster, x.change.Key, x.change.Value)
}

// name puts the flag before what is wrong with its value, in place of the key of
// failover.yaml.
func (x setting) name(wrong *fault.Fault) {
	flag, cause := x.flag, wrong.Cause
	for _, end := range []string{": ", " "} {
		if rest, ok := strings.CutPrefix(cause, x.change.Key+end); ok && x.change.Key != "" {
			cause = rest
			flag, _, _ = strings.Cut(flag, " "+x.change.Value) // the cause shows the value
			break
		}
	}
	wrong.Cause = flag + ": " + cause
}

// settings lists the values given by flag, in the order of the flags.
func (f *projectFlags) settings() []setting {
	var list []setting
	for _, v := range []struct{ key, value string }{{"layout", f.layout}, {"module", f.module}, {"map", f.mapName}, {"standby", f.standby}, {"failback", f.failback}, {"metrics", f.metrics}, {"pin", f.pinBy}, {"secrets", f.secrets}} {
		if slices.Contains(f.given, "--"+v.key) {
			list = append(list, setting{flag: strings.TrimSpace("--" + v.key + " " + v.value), change: spec.Change{Key: v.key, Value: v.value}})
		}
	}
	list = append(list, f.serviceSettings()...)
	for _, text := range f.set {
		list = append(list, settingOf(text))
	}
	return list
}

// settingOf reads N.key=value or section.key=value.
func settingOf(text string) setting {
	left, value, ok := strings.Cut(text, "=") // what stands behind may be a secret in the wrong place
	x := setting{flag: "--set " + left}
	number, key, dotted := strings.Cut(left, ".")
	n, err := strconv.Atoi(number)
	switch {
	case ok && dotted && slices.Contains(spec.Sections(), number):
		x.section = number
	case !ok || !dotted || err != nil || n == 0:
		x.wrong = fault.New(fault.Input, fault.Position{}, "is not of the form N.key=value", "write it like 2.name=pr-5678")
	}
	x.change = spec.Change{Cluster: n, Key: key, Value: value}
	return x
}

// usage is the flag as a user would give it. A value of --set is left out: it may be
// a secret in the wrong place.
func (x *setting) usage() string {
	if x.change.Cluster > 0 || x.section != "" {
		return x.flag + "=VALUE"
	}
	return x.flag
}
