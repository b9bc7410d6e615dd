package settings

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/templates/dotenv"
)

// fields are the settings of a cluster by what follows FAILOVER_<N>_, but for
// ADDRESSES, which is a list.
func (c *Cluster) fields() map[string]*string {
	return map[string]*string{
		"NAME": &c.Name, "DISCOVERY_URL": &c.DiscoveryURL, "SERVER_NAME": &c.ServerName,
		"USERNAME": &c.Username, "KEYSTORE": &c.Keystore, "TRUSTSTORE": &c.Truststore,
		"TOKEN": &c.Token, "PASSWORD": &c.Password, "KEYSTORE_PASSWORD": &c.KeystorePassword,
		"KEY_PASSWORD": &c.KeyPassword, "TRUSTSTORE_PASSWORD": &c.TruststorePassword,
		"CA": &c.CA, "CERT": &c.Cert, "KEY": &c.Key,
	}
}

func isSecret(name string) bool { return name == "TOKEN" || strings.HasSuffix(name, "PASSWORD") }

// layer holds the FAILOVER_ variables of one source. A variable that is set but
// empty counts: it clears what a lower layer said.
type layer map[string]string

// override sets in c what the layer knows. Addresses and a discovery URL are
// two ways to the same members: either replaces the other of a lower layer. So do a
// store and the PEM files in its place.
func (l layer) override(c *Cluster, prefix string) error {
	url := l[prefix+"DISCOVERY_URL"]
	addresses, given := l[prefix+"ADDRESSES"]
	if url != "" && addresses != "" {
		return fmt.Errorf("%sDISCOVERY_URL and %[1]sADDRESSES are both set; keep one", prefix)
	}
	if url != "" || given {
		c.Addresses = strings.FieldsFunc(addresses, func(r rune) bool { return r == ',' || r == ' ' })
	}
	if addresses != "" {
		c.DiscoveryURL = ""
	}
	fields := c.fields()
	var faults []error
	for _, x := range [][2]string{{"KEYSTORE", "CERT"}, {"KEYSTORE", "KEY"}, {"TRUSTSTORE", "CA"}} {
		store, file := l[prefix+x[0]], l[prefix+x[1]]
		switch {
		case store != "" && file != "":
			faults = append(faults, fmt.Errorf("%[1]s%[2]s and %[1]s%[3]s are both set; keep one", prefix, x[0], x[1]))
		case store != "":
			*fields[x[1]] = ""
		case file != "":
			*fields[x[0]] = ""
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		faults = append(faults, l.set(fields[name], prefix+name))
	}
	return errors.Join(faults...)
}

// startIn makes the relative paths of a layer start in folder, unless that is "".
func (l layer) startIn(folder string) {
	for key, value := range l {
		isPath := slices.ContainsFunc([]string{"_FILE", "STORE", "_CA", "_CERT", "_KEY"}, func(ending string) bool { return strings.HasSuffix(key, ending) })
		if isPath && folder != "" && value != "" && !filepath.IsAbs(value) {
			l[key] = filepath.Join(folder, value)
		}
	}
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
func (s *Settings) readEnvironment(clusters int) layer {
	l, names := make(layer), known(clusters)
	for _, variable := range slices.Sorted(slices.Values(os.Environ())) {
		key, value, _ := strings.Cut(variable, "=")
		switch {
		case names[key]:
			l[key] = value
		case strings.HasPrefix(key, "FAILOVER_") && key != "FAILOVER_HOME":
			s.Warnings = append(s.Warnings, fmt.Sprintf("%s in the environment is ignored: %s", key, unknown(key, names, clusters)))
		}
	}
	return l
}

// readDotenv returns the FAILOVER_ variables of a .env file; a missing file is
// empty. A variable that is not a setting is an error, because it may be
// misspelt. One of a cluster that left the list is warned of.
func (s *Settings) readDotenv(path string, clusters int) (layer, error) {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w; make it a file that the program may read", err)
	}
	l, names := make(layer), known(clusters)
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
		case names[e.Key]:
			l[e.Key] = e.Value
		case known(1)[asFirst(e.Key)]:
			s.Warnings = append(s.Warnings, fmt.Sprintf("%s is ignored: %s", at, unknown(e.Key, names, clusters)))
		case strings.HasPrefix(e.Key, "FAILOVER_"):
			faults = append(faults, fmt.Errorf("%s: %s", at, unknown(e.Key, names, clusters)))
		}
	}
	return l, errors.Join(faults...)
}

// known are the names of all variables of a program with so many clusters.
func known(clusters int) map[string]bool {
	names := map[string]bool{"FAILOVER_PIN": true, "FAILOVER_PIN_FILE": true, pinRegistry: true, "FAILOVER_REGISTRY_PASSWORD_FILE": true, "FAILOVER_LEDGER": true, "FAILOVER_WRITERS": true, "FAILOVER_MAP": true, "FAILOVER_KEYS": true}
	for name := range new(Registry).fields() {
		names[name] = true
	}
	for n := 1; n <= clusters; n++ {
		prefix := fmt.Sprintf("FAILOVER_%d_", n)
		names[prefix+"ADDRESSES"] = true
		for name := range new(Cluster).fields() {
			names[prefix+name] = true
			if isSecret(name) {
				names[prefix+name+"_FILE"] = true
			}
		}
	}
	return names
}

var ofCluster = regexp.MustCompile(`^FAILOVER_[1-9][0-9]*_`)

// asFirst is the variable of the first cluster that means the same as key.
func asFirst(key string) string { return ofCluster.ReplaceAllString(key, "FAILOVER_1_") }

// unknown says why key is none of names, and what it may have been meant to be.
func unknown(key string, names map[string]bool, clusters int) string {
	if known(1)[asFirst(key)] {
		return fmt.Sprintf("there are %d clusters", clusters)
	}
	const far = 3
	best, nearest := far, ""
	for _, name := range slices.Sorted(maps.Keys(names)) {
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
