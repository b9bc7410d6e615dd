package connect

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/failover-gen/failover-gen/generate/hazelcast"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/storefile"
	"github.com/failover-gen/failover-gen/keystore"
	"github.com/failover-gen/failover-gen/templates/hazelcast/given"
)

// Load returns the clusters of the project in dir as the project itself would
// connect to them: from failover.yaml, failover.lock, .env, resources/ and the
// environment. The error is a fault.List of all that is wrong with them.
func Load(ctx context.Context, dir string) (targets []Target, warnings []string, err error) {
	s, l, err := files(dir)
	if err != nil {
		return nil, nil, err
	}
	if s.Kind == spec.KindWebservice {
		return loadService(dir, s, l)
	}
	compiled, fullReader, err := hazelcast.Compiled(ctx, s, l)
	if err != nil {
		return nil, nil, err
	}
	folder, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, err
	}
	clusters, warnings, err := given.Load(folder, compiled)
	here, _ := filepath.Split(filepath.Join(dir, spec.FileName)) // "" for the current folder
	p := &project{shown: strings.NewReplacer(folder+string(filepath.Separator), filepath.ToSlash(here)), fullReader: fullReader}
	faults := p.settings(err)
	wrongSettings := len(faults) > 0
	for i, c := range clusters {
		t := Target{
			Number: i + 1, At: s.Clusters[i].BundleAt, Name: c.Name, DiscoveryURL: c.DiscoveryURL, Addresses: c.Addresses,
			Username: c.Username, Token: c.Token, Password: c.Password,
			Keystore: p.path(cmp.Or(c.Keystore, c.Cert)), Truststore: p.path(cmp.Or(c.Truststore, c.CA)), Map: s.Map, Timeout: s.Failover.ConnectTimeout,
		}
		targets = append(targets, t)
		absent := p.absentStores(c, &t)
		faults = append(faults, absent...)
		if wrongSettings { // what they say of the cluster may lack a password
			continue
		}
		faults = append(faults, t.check()...)
		if len(absent) == 0 {
			var wrong *fault.Fault
			if targets[i].TLS, wrong = p.open(c, &t); wrong != nil {
				faults = append(faults, wrong)
			}
		}
	}
	return targets, p.ours(warnings), faults.ErrOrNil()
}

// files reads the spec and the lock of a project.
func files(dir string) (*spec.Spec, *spec.Lock, error) {
	const remedy = "give the folder of a project that failover-gen generated"
	path := filepath.ToSlash(filepath.Join(dir, spec.FileName))
	s, err := spec.Load(path)
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return nil, nil, fault.Wrap(fault.Input, fault.In(filepath.ToSlash(dir)), "is not a folder", remedy, err)
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fault.Wrap(fault.Input, fault.In(path), "does not exist, so this is not a project of failover-gen", remedy, err)
	case err != nil:
		return nil, nil, err
	}
	lock := filepath.ToSlash(filepath.Join(dir, spec.LockName))
	l, err := spec.LoadLock(lock)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fault.Wrap(fault.Input, fault.In(lock), "does not exist, so it is not known what the bundles said", "take it from version control, or run generate "+filepath.ToSlash(dir)+" where the bundles are", err)
	}
	if err != nil {
		return nil, nil, err
	}
	if l.Spec != s.Digest() {
		return nil, nil, fault.New(fault.Input, fault.In(path), "was changed since the project was generated from it, so the project connects otherwise",
			"run failover-gen generate in that folder first")
	}
	return s, l, nil
}

// project is what Load needs to word what it finds.
type project struct {
	shown      *strings.Replacer // makes paths in the project those that the user would write
	fullReader bool              // of keystores
}

// path is how the user would name a file; "" for none.
func (p *project) path(path string) string { return filepath.ToSlash(p.shown.Replace(path)) }

var (
	// inFile is an error about a line of .env.
	inFile = regexp.MustCompile(`^(.*\.env):(\d+): (.*)$`)
	// ofAnother is a warning about a variable of the environment that is not meant
	// for a cluster, and may be one of failover-gen's own.
	ofAnother = regexp.MustCompile(`^FAILOVER_\D\S* in the environment `)
)

// settings makes faults of what settings are wrong. Their errors hold cause and
// remedy in one line.
func (p *project) settings(err error) (faults fault.List) {
	for _, leaf := range leaves(err) {
		text, at := p.shown.Replace(leaf.Error()), fault.Position{}
		if parts := inFile.FindStringSubmatch(text); parts != nil {
			at.File, text = filepath.ToSlash(parts[1]), parts[3]
			at.Line, _ = strconv.Atoi(parts[2]) // it is a number
		}
		cause, remedy, _ := strings.Cut(text, "; ")
		faults = append(faults, fault.Wrap(fault.Input, at, cause, remedy, leaf))
	}
	return faults
}

// leaves are the errors that were joined to err, none if it is nil.
func leaves(err error) (list []error) {
	joined, ok := err.(interface{ Unwrap() []error })
	switch {
	case err == nil:
		return nil
	case !ok:
		return []error{err}
	}
	for _, e := range joined.Unwrap() {
		list = append(list, leaves(e)...)
	}
	return list
}

// ours drops the warnings that are about variables of other programs.
func (p *project) ours(warnings []string) (list []string) {
	for _, w := range warnings {
		if !ofAnother.MatchString(w) {
			list = append(list, p.shown.Replace(w))
		}
	}
	return list
}

// check lists what the project's engine would refuse of the values.
func (t *Target) check() (faults fault.List) {
	add := func(cause, remedy string) {
		faults = append(faults, fault.New(fault.Input, t.At, fmt.Sprintf("cluster %d (%s): %s", t.Number, t.Name, cause), remedy))
	}
	if t.Name == "" {
		add("its name is empty", "set "+t.variable("NAME")+", or remove the variable")
	}
	if t.DiscoveryURL == "" && len(t.Addresses) == 0 {
		add("there is neither a discovery URL nor an address of a member", fmt.Sprintf("set %s or %s", t.variable("DISCOVERY_URL"), t.variable("ADDRESSES")))
	}
	if t.DiscoveryURL != "" {
		if f := spec.CheckDiscoveryURL(t.DiscoveryURL); f != nil {
			add(f.Cause, f.Remedy)
		}
	}
	for _, address := range t.Addresses {
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			add(fmt.Sprintf("the address %q is not of the form host:port", address), "correct "+t.variable("ADDRESSES")+", or addresses in failover.yaml")
		}
	}
	return faults
}

// absentStores names the stores and PEM files of a cluster that are not there.
func (p *project) absentStores(c given.Cluster, t *Target) (faults fault.List) {
	for _, store := range []struct{ path, name string }{{c.Keystore, "KEYSTORE"}, {c.Truststore, "TRUSTSTORE"}, {c.CA, "CA"}, {c.Cert, "CERT"}, {c.Key, "KEY"}} {
		if _, err := os.Stat(store.path); store.path != "" && errors.Is(err, fs.ErrNotExist) {
			faults = append(faults, fault.Wrap(fault.Input, fault.In(p.path(store.path)), "does not exist",
				fmt.Sprintf("run generate where the bundles are, or copy the store of %s there, or name another file in %s", c.Name, t.variable(store.name)), err))
		}
	}
	return faults
}

// open makes the TLS configuration of a cluster from its stores, nil if it has
// none. It uses the reader that the project has.
func (p *project) open(c given.Cluster, t *Target) (*tls.Config, *fault.Fault) {
	if !c.HasTLS() {
		return nil, nil
	}
	var config *tls.Config
	var wrong *fault.Fault
	if p.fullReader {
		config, wrong = configure(c, t, storefile.Decode, storefile.TLSConfig)
	} else {
		config, wrong = configure(c, t, keystore.Decode, keystore.TLSConfig)
	}
	if wrong == nil && c.HasPEM() {
		wrong = p.addPEM(config, c, t)
	}
	return config, wrong
}

// configure is open with one of the readers of keystores.
func configure[S any](c given.Cluster, t *Target,
	decode func(data []byte, password, keyPassword string) (*S, error),
	config func(key, trust *S, alias, serverName string) (*tls.Config, error),
) (*tls.Config, *fault.Fault) {
	open := func(path, shown, password, keyPassword, name string) (*S, *fault.Fault) {
		if path == "" {
			return nil, nil
		}
		data, err := keystore.ReadFile(path)
		if err != nil {
			cause, remedy := causeOf(err)
			return nil, fault.Wrap(fault.Input, fault.In(shown), cause, remedy, err)
		}
		store, err := decode(data, password, keyPassword)
		if err != nil {
			return nil, t.notOpened(shown, name, password, err)
		}
		return store, nil
	}
	key, wrong := open(c.Keystore, t.Keystore, c.KeystorePassword, c.KeyPassword, "KEYSTORE")
	if wrong != nil {
		return nil, wrong
	}
	trust, wrong := open(c.Truststore, t.Truststore, c.TruststorePassword, "", "TRUSTSTORE")
	if wrong != nil {
		return nil, wrong
	}
	made, err := config(key, trust, c.Alias, c.ServerName)
	if err != nil {
		cause, remedy := causeOf(err)
		return nil, fault.Wrap(fault.Input, t.At, fmt.Sprintf("cluster %d (%s): %s with %s: %s", t.Number, t.Name, t.Keystore, t.Truststore, cause), remedy, err)
	}
	return made, nil
}

// notOpened is about a store that its password does not open.
func (t *Target) notOpened(path, name, password string, err error) *fault.Fault {
	cause, remedy := causeOf(err)
	variable := t.variable(name + "_PASSWORD")
	var small *keystore.Error
	var full *storefile.Error
	switch {
	case errors.As(err, &small) && small.Reason == keystore.WrongKeyPassword, errors.As(err, &full) && full.Reason == storefile.WrongKeyPassword:
		remedy += "; the password is that of " + t.variable("KEY_PASSWORD")
	case password == "":
		remedy += "; " + variable + " is not set"
	default:
		remedy += "; the password is that of " + variable
	}
	return fault.Wrap(fault.Input, fault.In(path), cause, remedy, err)
}

// causeOf takes an error of a reader of keystores apart.
func causeOf(err error) (cause, remedy string) {
	var small *keystore.Error
	var full *storefile.Error
	switch {
	case errors.As(err, &small):
		return small.Cause, small.Remedy
	case errors.As(err, &full):
		return full.Cause, full.Remedy
	}
	return err.Error(), ""
}
