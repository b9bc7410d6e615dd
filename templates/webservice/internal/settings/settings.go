// Package settings says where the program's settings come from: the process
// environment beats the .env file, which beats what was compiled in. The password
// is never compiled in. It may also be given as NAME_FILE, the path of a file that
// holds it. The package never prints it.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Service is where the endpoints of the web service are listed: here, or in a
// registry.
type Service struct {
	Endpoints []string // URLs in order of preference; empty: the registry lists them

	Addresses []string // of the registry's servers: "host:port"
	Path      string   // in the registry, below /fabric/cxf/endpoints
	User      string   // whom the registry lets read; empty: anyone may
	Password  string

	TLS           bool   // of the connection to the registry
	CA, Cert, Key string // PEM files: what is trusted instead of the system's list; what the program shows
}

// Settings is all that the program is told.
type Settings struct {
	Service
	Ledger   string   // the file to append calls and events to; empty: none
	Callers  int      // the number of call loops
	Warnings []string // variables that have no effect
}

// Load reads .env and the environment, whose variables override what was compiled
// in. The error tells of everything that is wrong.
func Load() (*Settings, error) { return read(compiled, findHome(), "") }

// LoadIn is Load for a program that is started in folder and has other values
// compiled in. failover-gen connect reads the settings of a project with it.
func LoadIn(folder string, compiled Service) (*Settings, error) {
	return read(compiled, cmp.Or(os.Getenv("FAILOVER_HOME"), folder), folder)
}

// read reads the settings of a program whose .env is in home. Relative paths in it
// start in folder; "" is the current folder.
func read(compiled Service, home, folder string) (*Settings, error) {
	s := &Settings{Service: compiled}
	dotenv, unreadable := s.readDotenv(filepath.Join(home, ".env"))
	dotenv.startIn(folder)
	environment := s.readEnvironment()
	faults := []error{unreadable, dotenv.override(&s.Service), environment.override(&s.Service)}
	if unreadable == nil {
		faults = append(faults, s.Service.check(home))
	}
	value := func(key string) string {
		if v, ok := environment[key]; ok {
			return v
		}
		return dotenv[key]
	}
	s.Ledger = value(ledgerVariable)
	var wrong error
	count := cmp.Or(value(callersVariable), "1")
	if s.Callers, wrong = strconv.Atoi(count); wrong != nil || s.Callers < 1 {
		faults = append(faults, fmt.Errorf("%s is %q; give a number from 1", callersVariable, count))
	}
	return s, errors.Join(faults...)
}

// findHome returns the folder that may hold .env: FAILOVER_HOME, else the current
// folder, else the folder of the program.
func findHome() string {
	if home := os.Getenv("FAILOVER_HOME"); home != "" {
		return home
	}
	current, _ := os.Getwd() // empty: relative paths still work
	if program, err := os.Executable(); err == nil {
		beside := filepath.Dir(program)
		if !exists(filepath.Join(current, ".env")) && exists(filepath.Join(beside, ".env")) {
			return beside
		}
	}
	return current
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// check says what is missing or contradicts itself.
func (s *Service) check(home string) error {
	if len(s.Endpoints) > 0 {
		var faults []error
		for _, e := range s.Endpoints {
			if u, err := url.Parse(e); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
				faults = append(faults, fmt.Errorf("the endpoint %q is not a URL; give one like http://localhost:8185/Foo in FAILOVER_ENDPOINTS", withoutUser(e)))
			}
		}
		return errors.Join(faults...)
	}
	var faults []error
	if len(s.Addresses) == 0 {
		faults = append(faults, errors.New("nothing says where the endpoints are; set FAILOVER_ENDPOINTS to their URLs, or FAILOVER_REGISTRY_ADDRESSES to the registry's host:port"))
	} else if s.Path == "" {
		faults = append(faults, errors.New("FAILOVER_REGISTRY_PATH is missing: below it the registry lists the endpoints; set it to a path like demo/fo"))
	}
	switch {
	case s.User == "" && s.Password != "":
		faults = append(faults, errors.New("FAILOVER_REGISTRY_PASSWORD is set, and FAILOVER_REGISTRY_USER is not; set both, or neither"))
	case s.Password == "" && s.User != "":
		faults = append(faults, fmt.Errorf("FAILOVER_REGISTRY_PASSWORD is missing: that of the registry's user %s; set it, or FAILOVER_REGISTRY_PASSWORD_FILE, in the environment or in %s",
			s.User, filepath.Join(home, ".env")))
	}
	if (s.Cert == "") != (s.Key == "") {
		faults = append(faults, errors.New("FAILOVER_REGISTRY_CERT and FAILOVER_REGISTRY_KEY go together; set both, or neither"))
	}
	return errors.Join(faults...)
}

// withoutUser is what a message shows of a text that should be a URL: people put
// passwords before an @.
func withoutUser(text string) string { return text[strings.LastIndexByte(text, '@')+1:] }
