package settings

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/templates/dotenv"
)

// Variables that are handled apart.
const (
	endpointsVariable = "FAILOVER_ENDPOINTS"
	addressesVariable = "FAILOVER_REGISTRY_ADDRESSES"
	passwordVariable  = "FAILOVER_REGISTRY_PASSWORD"
	ledgerVariable    = "FAILOVER_LEDGER"
	callersVariable   = "FAILOVER_WRITERS"
)

// texts are the settings that are single texts, by their variables.
func (s *Service) texts() map[string]*string {
	return map[string]*string{
		"FAILOVER_REGISTRY_PATH": &s.Path, "FAILOVER_REGISTRY_USER": &s.User, passwordVariable: &s.Password,
		"FAILOVER_REGISTRY_CA": &s.CA, "FAILOVER_REGISTRY_CERT": &s.Cert, "FAILOVER_REGISTRY_KEY": &s.Key,
	}
}

// known are the names of all variables.
var known = func() map[string]bool {
	names := map[string]bool{endpointsVariable: true, addressesVariable: true, passwordVariable + "_FILE": true, ledgerVariable: true, callersVariable: true}
	for name := range new(Service).texts() {
		names[name] = true
	}
	return names
}()

// layer holds the FAILOVER_ variables of one source. A variable that is set but
// empty counts: it clears what a lower layer said.
type layer map[string]string

// override sets in s what the layer knows. A list of endpoints and a registry are
// two ways to the same endpoints: either replaces the other of a lower layer.
func (l layer) override(s *Service) error {
	if l[endpointsVariable] != "" && l[addressesVariable] != "" {
		return fmt.Errorf("%s and %s are both set; keep one", endpointsVariable, addressesVariable)
	}
	if text, given := l[endpointsVariable]; given {
		s.Endpoints = listed(text)
	}
	if text, given := l[addressesVariable]; given {
		s.Addresses = listed(text)
		if text != "" {
			s.Endpoints = nil
		}
	}
	texts := s.texts()
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		faults = append(faults, l.set(texts[name], name))
	}
	if s.CA != "" || s.Cert != "" || s.Key != "" {
		s.TLS = true
	}
	return errors.Join(faults...)
}

// startIn makes the relative paths of a layer start in folder, unless that is "".
func (l layer) startIn(folder string) {
	for _, key := range []string{passwordVariable + "_FILE", "FAILOVER_REGISTRY_CA", "FAILOVER_REGISTRY_CERT", "FAILOVER_REGISTRY_KEY"} {
		if value := l[key]; folder != "" && value != "" && !filepath.IsAbs(value) {
			l[key] = filepath.Join(folder, value)
		}
	}
}

// listed splits a list at its commas and spaces.
func listed(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// set overwrites field if the layer knows the variable, or its _FILE.
func (l layer) set(field *string, variable string) error {
	value, direct := l[variable]
	path, viaFile := l[variable+"_FILE"]
	switch {
	case direct && viaFile:
		return fmt.Errorf("%s and %[1]s_FILE are both set; keep one", variable)
	case direct:
		*field = value
	case viaFile:
		data, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%s_FILE: %w; name a file that can be read", variable, err)
		}
		*field = strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	}
	return nil
}

// readEnvironment returns the FAILOVER_ variables of the process. One that is not
// a setting is only warned of: it may belong to another program.
func (s *Settings) readEnvironment() layer {
	l := make(layer)
	for _, variable := range slices.Sorted(slices.Values(os.Environ())) {
		key, value, _ := strings.Cut(variable, "=")
		switch {
		case known[key]:
			l[key] = value
		case strings.HasPrefix(key, "FAILOVER_") && key != "FAILOVER_HOME":
			s.Warnings = append(s.Warnings, fmt.Sprintf("%s in the environment is ignored: %s", key, unknown(key)))
		}
	}
	return l
}

// readDotenv returns the FAILOVER_ variables of a .env file; a missing file is
// empty. A variable that is not a setting is an error, because it may be misspelt.
func (s *Settings) readDotenv(path string) (layer, error) {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w; make it a file that the program may read", err)
	}
	l := make(layer)
	var faults []error
	entries, wrong := dotenv.Parse(data)
	for _, f := range wrong {
		faults = append(faults, fmt.Errorf("%s:%d: %s; %s", path, f.Line, f.Cause, f.Remedy))
	}
	for _, e := range entries {
		_, twice := l[e.Key]
		at := fmt.Sprintf("%s:%d: %s", path, e.Line, e.Key)
		switch {
		case twice:
			faults = append(faults, fmt.Errorf("%s stands here a second time; keep one", at))
		case known[e.Key]:
			l[e.Key] = e.Value
		case strings.HasPrefix(e.Key, "FAILOVER_"):
			faults = append(faults, fmt.Errorf("%s: %s", at, unknown(e.Key)))
		}
	}
	return l, errors.Join(faults...)
}

// unknown says that key is not a setting, and what it may have been meant to be.
func unknown(key string) string {
	const far = 3
	best, nearest := far, ""
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if d := distance(key, name); d < best {
			best, nearest = d, name
		}
	}
	if nearest == "" {
		return "there is no such setting; .env.example says which there are and where they can stand"
	}
	return "there is no such setting; did you mean " + nearest + "?"
}

// distance is the number of letters to insert, delete or replace between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal, row[j+1] = row[j+1], min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
