package cli

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/inspect"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/keystore/pemfile"
	"github.com/failover-gen/failover-gen/templates/dotenv"
)

// replacedStore is a store that another one of the bundle replaces. A list is empty
// where no known password opens the store.
type replacedStore struct {
	Project string        `json:"project"`
	Path    string        `json:"path"`
	Was     []certificate `json:"was"`
	Is      []certificate `json:"is"`
}

// certificate is what tells one certificate from another.
type certificate struct {
	Alias    string     `json:"alias"`
	NotAfter *time.Time `json:"notAfter"`
	SHA256   string     `json:"sha256"`
}

// String tells a certificate in a line that fits a terminal. --json has all digits.
func (c certificate) String() string {
	return fmt.Sprintf("%q until %s, sha256 %.16s...", c.Alias, c.NotAfter.UTC().Format(time.DateOnly), c.SHA256)
}

// replacedStores lists the stores in dir whose content is not what want has for them,
// as they are before anything is written. Those that only change places are left out.
func replacedStores(dir string, want *tree.Want) (list []replacedStore) {
	env := readEnv(filepath.Join(dir, tree.Dotenv))
	moved := slices.Collect(maps.Values(want.Moves.Paths))
	for _, v := range want.Secrets {
		isKey := strings.HasSuffix(v.Path, ".key.pem") // the file of its certificate tells more
		if v.Key != "" || v.Unknown || isKey || slices.Contains(moved, v.Path) {
			continue
		}
		old, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(v.Path)))
		if err != nil || bytes.Equal(old, v.Data) {
			continue
		}
		var store, key, oldStore, oldKey string
		for _, p := range want.Secrets {
			switch {
			case p.Group != v.Group:
			case strings.HasSuffix(p.Key, "STORE_PASSWORD"):
				store, oldStore = string(p.Data), env[p.Key]
			case strings.HasSuffix(p.Key, "KEY_PASSWORD"):
				key, oldKey = string(p.Data), env[p.Key]
			}
		}
		was := certificates(old, oldStore, oldKey)
		if len(was) == 0 { // .env has the new password already, or none
			was = certificates(old, store, key)
		}
		list = append(list, replacedStore{filepath.ToSlash(dir), v.Path, was, certificates(v.Data, store, key)})
	}
	return list
}

// readEnv is what the lines of a .env say that can be read.
func readEnv(name string) map[string]string {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	entries, _ := dotenv.Parse(data)
	values := make(map[string]string, len(entries))
	for _, e := range entries {
		values[e.Key] = e.Value
	}
	return values
}

// certificates lists those in a store or a PEM file.
func certificates(data []byte, storePassword, keyPassword string) []certificate {
	list := []certificate{}
	fromPEM, err := pemfile.Certificates(data)
	for _, c := range fromPEM {
		list = append(list, certificate{c.Subject.String(), &c.NotAfter, tree.Digest(c.Raw)})
	}
	if err == nil {
		return list
	}
	report, err := inspect.Keystore("", data, storePassword, keyPassword, inspect.Options{})
	if err != nil {
		return list
	}
	for _, c := range report.Clusters {
		for _, s := range []*inspect.Store{c.Keystore, c.Truststore} {
			if s == nil {
				continue
			}
			for _, e := range s.Entries {
				if e.NotAfter != nil {
					list = append(list, certificate{e.Alias, e.NotAfter, e.SHA256})
				}
			}
		}
	}
	return list
}

// among keeps the stores that were replaced, or with a dry run would be.
func among(stores []replacedStore, files []tree.FileReport) []replacedStore {
	return slices.DeleteFunc(stores, func(s replacedStore) bool {
		return !slices.ContainsFunc(files, func(f tree.FileReport) bool { return f.Path == s.Path && f.Action == tree.Update })
	})
}

// tellReplaced says which certificates were in the store at path, and which are now;
// nothing if it is none of those replaced.
func (a *app) tellReplaced(stores []replacedStore, path string) {
	for _, s := range stores {
		if s.Path != path {
			continue
		}
		for _, side := range []struct {
			word string
			list []certificate
		}{{"was", s.Was}, {"is", s.Is}} {
			if len(side.list) == 0 {
				a.say("    %-3s  not shown: no password that is known opens it", side.word)
			}
			for _, c := range side.list {
				a.say("    %-3s  %s", side.word, c)
			}
		}
	}
}
