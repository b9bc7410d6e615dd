// Package settings says where the program's settings come from: the process
// environment beats the .env file, which beats what was compiled in. Secrets
// are never compiled in. A secret may also be given as NAME_FILE, the path of a
// file that holds it. The package never prints a secret.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Cluster is what a client needs to know to reach one cluster.
type Cluster struct {
	Name, DiscoveryURL, ServerName, Username string
	Addresses                                []string // "host:port"
	Keystore, Truststore                     string   // file names; Load makes them paths
	CA, Cert, Key                            string   // PEM files in place of stores
	SystemRoots                              bool     // TLS, although no file says what to trust
	Alias                                    string   // the key's alias, where the keystore holds several
	Needs                                    []string // the secrets that the bundle had and no store asks for: TOKEN, PASSWORD

	Token, Password, KeystorePassword, KeyPassword, TruststorePassword string
}

// Settings is all that the program is told.
type Settings struct {
	Clusters []Cluster // in order of preference
	Pin      string    // the name of the only cluster to use; empty: any
	PinFile  string    // a file that holds such a name, and is watched; empty: none
	Registry Registry  // which holds such a name as well; without addresses: none
	Ledger   string    // the file to append calls and events to; empty: none
	Writers  int       // the number of write loops
	Map      string    // the map that the write loops fill; empty: the one that was compiled in
	Keys     string    // what each key of a drill's writes begins with, none of which is written twice; empty: no matter
	Warnings []string  // variables and lines of .env that have no effect
}

// Registry says how the processes of a fleet reach the ZooKeeper that they share.
type Registry struct {
	Addresses []string // "host:port"
	Path      string   // of this service; empty: the one that was compiled in
	User      string   // whom the registry lets read; empty: anyone may
	Password  string

	CA, Cert, Key string // PEM files: what is trusted instead of the system's list; what the program shows
}

// HasTLS reports whether the connection to the registry is encrypted.
func (r *Registry) HasTLS() bool { return r.CA != "" || r.Cert != "" || r.Key != "" }

// Load reads .env and the environment. What they say of cluster N, in variables
// called FAILOVER_<N>_NAME and so on, N counting from 1, overrides what was
// compiled in. The error tells of everything that is wrong.
func Load(compiled []Cluster) (*Settings, error) {
	home, nowhere := findHome()
	return read(compiled, home, "", nowhere)
}

// LoadIn is Load for a program that is started in folder, by its absolute path.
// failover-gen connect reads the settings of a project with it. Instead of saying
// that folder holds no settings, the error names each one that is missing.
func LoadIn(folder string, compiled []Cluster) (*Settings, error) {
	return read(compiled, absolute(cmp.Or(os.Getenv("FAILOVER_HOME"), folder)), folder, nil)
}

// read reads the settings of a program whose .env and resources/ are in home.
// Relative paths in .env start in folder; "" is the current folder. nowhere is the
// error to return if something is missing, nil to name what is missing.
func read(compiled []Cluster, home, folder string, nowhere error) (*Settings, error) {
	s := &Settings{}
	resources := filepath.Join(home, "resources")
	dotenv, unreadable := s.readDotenv(filepath.Join(home, ".env"), len(compiled))
	dotenv.startIn(folder)
	env := s.readEnvironment(len(compiled))
	faults := []error{unreadable}
	for i, c := range compiled {
		prefix := fmt.Sprintf("FAILOVER_%d_", i+1)
		for _, file := range c.files() {
			if *file != "" {
				*file = filepath.Join(resources, *file)
			}
		}
		faults = append(faults, dotenv.override(&c, prefix), env.override(&c, prefix))
		missing := c.missing(prefix)
		if nowhere != nil && (missing != nil || slices.ContainsFunc(c.files(), func(file *string) bool { return filepath.Dir(*file) == resources })) {
			return nil, errors.Join(append(faults, nowhere)...)
		}
		if unreadable == nil {
			faults = append(faults, missing)
		}
		if name := compiled[i].trusts(); name != "" && c.trusts() == "" {
			faults = append(faults, fmt.Errorf("%s"+name+" is set but empty: without a truststore the client would talk to any server, and with an empty %[1]sKEYSTORE without TLS; "+
				"name a truststore, or remove the variable", prefix))
		}
		s.Clusters = append(s.Clusters, c)
	}
	faults = append(faults, s.ofProgram(func(key string) string {
		if value, ok := env[key]; ok {
			return value
		}
		return dotenv[key]
	}), s.Registry.read(dotenv, env), s.onePin())
	return s, errors.Join(faults...)
}

// files are the files of a cluster's TLS.
func (c *Cluster) files() []*string {
	return []*string{&c.Keystore, &c.Truststore, &c.CA, &c.Cert, &c.Key}
}

// HasPEM reports whether a PEM file is set.
func (c *Cluster) HasPEM() bool { return c.CA != "" || c.Cert != "" || c.Key != "" }

// HasTLS reports whether connections to the cluster are encrypted.
func (c *Cluster) HasTLS() bool {
	return c.SystemRoots || slices.ContainsFunc(c.files(), func(file *string) bool { return *file != "" })
}

// trusts is the variable of the file that says what is trusted, "" if there is none.
func (c *Cluster) trusts() string {
	switch {
	case c.Truststore != "":
		return "TRUSTSTORE"
	case c.CA != "":
		return "CA"
	}
	return ""
}

// findHome returns the folder that holds .env and resources/: FAILOVER_HOME, else
// the current folder, else the folder of the program. The error names them if
// none of them holds either; the first is then the result.
func findHome() (home string, nowhere error) {
	folders := []string{os.Getenv("FAILOVER_HOME")}
	where := fmt.Sprintf("%s, the folder that FAILOVER_HOME names", folders[0])
	if folders[0] == "" {
		current, _ := os.Getwd() // empty: relative paths still work
		program, _ := os.Executable()
		folders = []string{current, filepath.Dir(program)}
		where = fmt.Sprintf("the current folder %s or the program's folder %s", current, folders[1])
	}
	for _, folder := range folders {
		for _, name := range []string{".env", "resources"} {
			if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
				home = cmp.Or(home, folder)
			}
		}
	}
	if home == "" {
		home, nowhere = folders[0], fmt.Errorf("there is no .env and no resources/ in %s; start the program in the project's folder, or set FAILOVER_HOME to it", where)
	}
	return absolute(home), nowhere
}

// absolute is path itself where the current folder is not known.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// missing is an error about the secrets that the bundle had and that are not
// set. A token is only needed to ask a discovery service, a password for a user.
func (c *Cluster) missing(prefix string) error {
	var faults []error
	for _, name := range c.Needs {
		unused := name == "TOKEN" && c.DiscoveryURL == "" || name == "PASSWORD" && c.Username == ""
		if *c.fields()[name] == "" && !unused {
			faults = append(faults, fmt.Errorf("%s%s is missing, but the bundle of %s had one; set it, or %[1]s%[2]s_FILE, in .env or in the environment", prefix, name, c.Name))
		}
	}
	return errors.Join(faults...)
}

// ofProgram sets what concerns the program and no single cluster.
func (s *Settings) ofProgram(value func(key string) string) error {
	s.Pin, s.PinFile = value("FAILOVER_PIN"), value("FAILOVER_PIN_FILE")
	s.Ledger, s.Map, s.Keys = value("FAILOVER_LEDGER"), value("FAILOVER_MAP"), value("FAILOVER_KEYS")
	var names []string
	for _, c := range s.Clusters {
		names = append(names, c.Name)
	}
	var pin, writers error
	if s.Pin != "" && !slices.Contains(names, s.Pin) {
		pin = fmt.Errorf("FAILOVER_PIN is %q, but there is no cluster of that name; choose one of %q", s.Pin, names)
	}
	count := cmp.Or(value("FAILOVER_WRITERS"), "1")
	if s.Writers, writers = strconv.Atoi(count); writers != nil || s.Writers < 1 {
		writers = fmt.Errorf("FAILOVER_WRITERS is %q; give a number from 1", count)
	}
	return errors.Join(pin, writers)
}
