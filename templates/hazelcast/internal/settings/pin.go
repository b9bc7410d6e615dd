package settings

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pinRegistry is the variable that says where the registry is.
const pinRegistry = "FAILOVER_PIN_REGISTRY"

// fields are the registry's settings by their variables, but for its addresses.
func (r *Registry) fields() map[string]*string {
	return map[string]*string{
		"FAILOVER_REGISTRY_PATH": &r.Path, "FAILOVER_REGISTRY_USER": &r.User, "FAILOVER_REGISTRY_PASSWORD": &r.Password,
		"FAILOVER_REGISTRY_CA": &r.CA, "FAILOVER_REGISTRY_CERT": &r.Cert, "FAILOVER_REGISTRY_KEY": &r.Key,
	}
}

// read sets what the layers know, of which a later one beats those before, and says
// what is missing.
func (r *Registry) read(layers ...layer) error {
	fields := r.fields()
	var faults []error
	for _, l := range layers {
		if addresses, given := l[pinRegistry]; given {
			r.Addresses = strings.FieldsFunc(addresses, func(c rune) bool { return c == ',' || c == ' ' })
		}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			faults = append(faults, l.set(fields[name], name))
		}
	}
	switch {
	case r.User == "" && r.Password != "":
		faults = append(faults, errors.New("FAILOVER_REGISTRY_PASSWORD is set, and FAILOVER_REGISTRY_USER is not; set both, or neither"))
	case r.Password == "" && r.User != "":
		faults = append(faults, fmt.Errorf("FAILOVER_REGISTRY_PASSWORD is missing: that of the registry's user %s; set it, or FAILOVER_REGISTRY_PASSWORD_FILE, in .env or in the environment", r.User))
	}
	if (r.Cert == "") != (r.Key == "") {
		faults = append(faults, errors.New("FAILOVER_REGISTRY_CERT and FAILOVER_REGISTRY_KEY go together; set both, or neither"))
	}
	return errors.Join(faults...)
}

// ReadRegistry reads the registry's settings alone: from the environment and, where
// folder is a project's, from its .env.
func ReadRegistry(folder string) (Registry, error) {
	var r Registry
	s := &Settings{}
	dotenv, err := s.readDotenv(filepath.Join(cmp.Or(os.Getenv("FAILOVER_HOME"), folder), ".env"), 0)
	dotenv.startIn(folder)
	return r, errors.Join(err, r.read(dotenv, s.readEnvironment(0)))
}

// onePin is an error if more than one variable says what the pin is: they could
// contradict each other.
func (s *Settings) onePin() error {
	var set []string
	for _, v := range []struct {
		name string
		set  bool
	}{{"FAILOVER_PIN", s.Pin != ""}, {"FAILOVER_PIN_FILE", s.PinFile != ""}, {pinRegistry, len(s.Registry.Addresses) > 0}} {
		if v.set {
			set = append(set, v.name)
		}
	}
	if len(set) > 1 {
		return fmt.Errorf("%s are set, and each of them says which cluster to use; keep one", strings.Join(set, " and "))
	}
	return nil
}
