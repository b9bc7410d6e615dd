// Package settings says where the values of each cluster come from: the
// process environment beats the .env file, which beats what was compiled in.
// Secrets are never compiled in. A secret may also be given as NAME_FILE, the
// path of a file that holds it. The package reads; it never prints a value.
package settings

import (
	"fmt"
	"os"
	"path/filepath"
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

// Home is the folder that holds .env and resources/: FAILOVER_HOME, else the
// working directory, else the folder of the executable.
func Home() string {
	if home := os.Getenv("FAILOVER_HOME"); home != "" {
		return home
	}
	for _, name := range []string{".env", "resources"} {
		if _, err := os.Stat(name); err == nil {
			return "."
		}
	}
	if exe, err := os.Executable(); err == nil {
		return filepath.Dir(exe)
	}
	return "."
}

// Load fills in the compiled clusters from the environment and from home/.env,
// where variables are called FAILOVER_<N>_NAME and so on, N counting from 1.
// Its errors name the variable or the line, never a value.
func Load(home string, compiled []Cluster) ([]Cluster, error) {
	file, err := readDotenv(filepath.Join(home, ".env"))
	if err != nil {
		return nil, err
	}
	fromEnv, fromFile := layer(os.LookupEnv), layer(func(name string) (string, bool) { v, ok := file[name]; return v, ok })
	clusters := make([]Cluster, len(compiled))
	for i, c := range compiled {
		inResources(home, &c.Keystore)
		inResources(home, &c.Truststore)
		addresses := strings.Join(c.Addresses, ",")
		for name, field := range map[string]*string{
			"NAME": &c.Name, "DISCOVERY_URL": &c.DiscoveryURL, "ADDRESSES": &addresses, "SERVER_NAME": &c.ServerName,
			"USERNAME": &c.Username, "KEYSTORE": &c.Keystore, "TRUSTSTORE": &c.Truststore,
			"TOKEN": &c.Token, "PASSWORD": &c.Password, "KEYSTORE_PASSWORD": &c.KeystorePassword,
			"KEY_PASSWORD": &c.KeyPassword, "TRUSTSTORE_PASSWORD": &c.TruststorePassword,
		} {
			variable := fmt.Sprintf("FAILOVER_%d_%s", i+1, name)
			secret := name == "TOKEN" || strings.HasSuffix(name, "PASSWORD")
			for _, from := range []layer{fromFile, fromEnv} {
				if err := from.set(field, variable, secret); err != nil {
					return nil, err
				}
			}
		}
		c.Addresses = strings.FieldsFunc(addresses, func(r rune) bool { return r == ',' || r == ' ' })
		clusters[i] = c
	}
	return clusters, nil
}

func inResources(home string, name *string) {
	if *name != "" {
		*name = filepath.Join(home, "resources", *name)
	}
}

// layer looks a variable up in one source of values.
type layer func(name string) (string, bool)

// set overwrites field if the layer knows the variable. A variable that is set
// but empty counts: it clears what a lower layer said.
func (l layer) set(field *string, variable string, secret bool) error {
	value, direct := l(variable)
	path, viaFile := "", false
	if secret {
		path, viaFile = l(variable + "_FILE")
	}
	switch {
	case direct && viaFile:
		return fmt.Errorf("%s and %s_FILE are both set; keep one", variable, variable)
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
// quote, open. A missing file is empty.
func readDotenv(path string) (map[string]string, error) {
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
		if !ok || len(quoted) < 2 || quoted[0] != '\'' || quoted[len(quoted)-1] != '\'' {
			return nil, fmt.Errorf("%s:%d: want KEY='value'", path, i+1)
		}
		value := strings.ReplaceAll(quoted[1:len(quoted)-1], `'\''`, `'`)
		values[strings.TrimSpace(key)] = value
	}
	return values, nil
}
