// Package settings says where the program's settings come from: the process
// environment beats the .env file, which beats what was compiled in. Secrets
// are never compiled in. A secret may also be given as NAME_FILE, the path of a
// file that holds it. The package reads; it never prints a secret.
package settings

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Cluster is what a client needs to know to reach one cluster.
type Cluster struct {
	Name, DiscoveryURL, ServerName, Username string
	Addresses                                []string // "host:port"
	Keystore, Truststore                     string   // file names; Load makes them paths
	Alias                                    string   // the key's alias, where the keystore holds several

	Token, Password, KeystorePassword, KeyPassword, TruststorePassword string
}

// Settings is all that the program is told.
type Settings struct {
	Home     string    // the folder that holds .env and resources/
	Clusters []Cluster // in order of preference
	Pin      string    // the name of the only cluster to use; empty: any
	Ledger   string    // the file to append calls and events to; empty: none
	Writers  int       // the number of write loops
	Warnings []string  // lines of .env that count for nothing
}

// Home is the folder that holds .env and resources/, as an absolute path where
// there is one: FAILOVER_HOME, else the working directory, else the folder of
// the executable.
func Home() string {
	home := os.Getenv("FAILOVER_HOME")
	for _, name := range []string{".env", "resources"} {
		if _, err := os.Stat(name); err == nil && home == "" {
			home = "."
		}
	}
	if exe, err := os.Executable(); err == nil && home == "" {
		home = filepath.Dir(exe)
	}
	if abs, err := filepath.Abs(home); err == nil {
		return abs
	}
	return home
}

// Load reads home/.env and the environment. What they say of cluster N, in
// variables called FAILOVER_<N>_NAME and so on, N counting from 1, overrides
// what was compiled in. Errors name the variable or the line.
func Load(home string, compiled []Cluster) (*Settings, error) {
	s := &Settings{Home: home, Writers: 1}
	dotenv, err := s.readDotenv(filepath.Join(home, ".env"), len(compiled))
	if err != nil {
		return nil, err
	}
	layers := []layer{func(key string) (string, bool) { v, ok := dotenv[key]; return v, ok }, os.LookupEnv}
	writers := ""
	var names []string
	for i, c := range compiled {
		prefix := fmt.Sprintf("FAILOVER_%d_", i+1)
		inResources(home, &c.Keystore)
		inResources(home, &c.Truststore)
		for _, l := range layers {
			if err := l.override(&c, prefix); err != nil {
				return nil, err
			}
		}
		if compiled[i].Truststore != "" && c.Truststore == "" {
			return nil, fmt.Errorf("%sTRUSTSTORE is set but empty: no member could be told from a stranger, and with an empty %[1]sKEYSTORE TLS would be off; "+
				"name stores, or remove the variables", prefix)
		}
		s.Clusters, names = append(s.Clusters, c), append(names, c.Name)
	}
	for _, l := range layers {
		for key, field := range map[string]*string{"FAILOVER_PIN": &s.Pin, "FAILOVER_LEDGER": &s.Ledger, "FAILOVER_WRITERS": &writers} {
			if value, ok := l(key); ok {
				*field = value
			}
		}
	}
	if s.Pin != "" && !slices.Contains(names, s.Pin) {
		return nil, fmt.Errorf("FAILOVER_PIN is %q, but there is no cluster of that name; choose one of %q", s.Pin, names)
	}
	if writers != "" {
		if s.Writers, err = strconv.Atoi(writers); err != nil || s.Writers < 1 {
			return nil, fmt.Errorf("FAILOVER_WRITERS is %q; give a number from 1", writers)
		}
	}
	return s, nil
}

func inResources(home string, name *string) {
	if *name != "" {
		*name = filepath.Join(home, "resources", *name)
	}
}

// fields are the settings of a cluster by what follows FAILOVER_<N>_, but for
// ADDRESSES, which is a list.
func (c *Cluster) fields() map[string]*string {
	return map[string]*string{
		"NAME": &c.Name, "DISCOVERY_URL": &c.DiscoveryURL, "SERVER_NAME": &c.ServerName,
		"USERNAME": &c.Username, "KEYSTORE": &c.Keystore, "TRUSTSTORE": &c.Truststore,
		"TOKEN": &c.Token, "PASSWORD": &c.Password, "KEYSTORE_PASSWORD": &c.KeystorePassword,
		"KEY_PASSWORD": &c.KeyPassword, "TRUSTSTORE_PASSWORD": &c.TruststorePassword,
	}
}

func isSecret(name string) bool { return name == "TOKEN" || strings.HasSuffix(name, "PASSWORD") }

// layer looks a variable up in one source of values. A variable that is set but
// empty counts: it clears what a lower layer said.
type layer func(key string) (string, bool)

// override sets in c what the layer knows. Addresses and a discovery URL are
// two ways to the same members: either replaces the other of a lower layer.
func (l layer) override(c *Cluster, prefix string) error {
	url, _ := l(prefix + "DISCOVERY_URL")
	addresses, given := l(prefix + "ADDRESSES")
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
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := l.set(fields[name], prefix+name, isSecret(name)); err != nil {
			return err
		}
	}
	return nil
}

// set overwrites field if the layer knows the variable.
func (l layer) set(field *string, variable string, secret bool) error {
	value, direct := l(variable)
	path, viaFile := "", false
	if secret {
		path, viaFile = l(variable + "_FILE")
	}
	switch {
	case direct && viaFile:
		return fmt.Errorf("%s and %[1]s_FILE are both set; keep one", variable)
	case direct:
		*field = value
	case viaFile:
		data, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%s_FILE: %w", variable, err)
		}
		*field = strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	}
	return nil
}

// readDotenv reads lines of the form KEY='value'. Nothing is expanded; a single
// quote inside a value is written as a shell would have it: close, escaped
// quote, open. A missing file is empty. A FAILOVER_ key that means nothing may
// be misspelt, so it is an error; one of a cluster that left the list warns.
func (s *Settings) readDotenv(path string, clusters int) (map[string]string, error) {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	values := make(map[string]string)
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, quoted, ok := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		if !ok || strings.ContainsAny(key, " \t\ufeff") || len(quoted) < 2 || quoted[0] != '\'' || quoted[len(quoted)-1] != '\'' {
			return nil, fmt.Errorf("%s:%d: want KEY='value'", path, i+1)
		}
		if !strings.HasPrefix(key, "FAILOVER_") {
			continue
		}
		n, known := parseKey(key)
		switch _, twice := values[key]; {
		case !known:
			return nil, fmt.Errorf("%s:%d: there is no setting %s; .env.example lists those that can stand here", path, i+1, key)
		case twice:
			return nil, fmt.Errorf("%s:%d: %s stands here a second time; keep one", path, i+1, key)
		case n > clusters:
			s.Warnings = append(s.Warnings, fmt.Sprintf("%s:%d: %s is ignored: there are %d clusters", path, i+1, key, clusters))
		}
		values[key] = strings.ReplaceAll(quoted[1:len(quoted)-1], `'\''`, `'`)
	}
	return values, nil
}

// parseKey says whether a FAILOVER_ key may stand in .env, and of which cluster
// it is: 0 for what is the program's.
func parseKey(key string) (n int, known bool) {
	number, name, _ := strings.Cut(strings.TrimPrefix(key, "FAILOVER_"), "_")
	n, _ = strconv.Atoi(number)
	switch {
	case n < 1 || strconv.Itoa(n) != number:
		return 0, key == "FAILOVER_PIN" || key == "FAILOVER_LEDGER" || key == "FAILOVER_WRITERS"
	case strings.HasSuffix(name, "_FILE"):
		name = strings.TrimSuffix(name, "_FILE")
		return n, isSecret(name) && new(Cluster).fields()[name] != nil
	}
	return n, name == "ADDRESSES" || new(Cluster).fields()[name] != nil
}
