// Package pin sets the pin of a service in its registry, and watches the processes of
// the service move. What the registry holds is package fleet's; nothing here moves a
// client.
package pin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/generate/hazelcast"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/templates/fleet"
	"github.com/failover-gen/failover-gen/templates/hazelcast/given"
	"github.com/failover-gen/failover-gen/templates/zksession"
)

// connecting bounds the connection to the registry.
const connecting = 10 * time.Second

// Request says whose pin is meant.
type Request struct {
	Dir      string // of the project; "" for the current folder, which need not be one
	Registry string // host:port[,host:port...]; "" for what the project's settings say
	Path     string // in the registry; "" for what the project's settings say, or its import path
}

// Service is the pin of one service.
type Service struct {
	config   fleet.Config
	clusters []string // their names; nil where they are not known
	dir      string
}

// Load puts together how the registry is reached, from the request, the environment and
// the project. It connects to nothing. The errors are faults.
func Load(ctx context.Context, r Request) (*Service, error) {
	s := &Service{dir: filepath.ToSlash(cmp.Or(r.Dir, "."))}
	folder, err := filepath.Abs(cmp.Or(r.Dir, "."))
	if err != nil {
		return nil, err
	}
	module, err := s.project(ctx, folder, r.Dir != "")
	if err != nil {
		return nil, err
	}
	registry, err := given.ReadRegistry(folder)
	if err != nil {
		return nil, settingsFaults(err)
	}
	addresses := registry.Addresses
	if r.Registry != "" {
		addresses = strings.Split(r.Registry, ",")
	}
	if len(addresses) == 0 {
		return nil, wrong("--registry is missing, and FAILOVER_PIN_REGISTRY is not set", "give host:port of the ZooKeeper that holds the pin")
	}
	path := cmp.Or(r.Path, registry.Path)
	switch {
	case path != "":
	case module != "":
		path = fleet.Root + "/" + module
	default:
		return nil, wrong("it is not known where in the registry the pin is: there is no "+spec.FileName+" here", "name the folder of the project after the cluster, or give --path")
	}
	s.config = fleet.Config{Path: path, Config: zksession.Config{
		Addresses: addresses, User: registry.User, Password: zksession.Secret(registry.Password),
		MaximumConnectionTimeout: connecting, Logger: slog.New(slog.DiscardHandler),
	}}
	if registry.HasTLS() {
		if s.config.TLS, err = zksession.TLS(registry.CA, registry.Cert, registry.Key); err != nil {
			return nil, settingsFaults(err)
		}
	}
	if s.config, err = fleet.Completed(s.config); err != nil {
		return nil, settingsFaults(err)
	}
	return s, nil
}

// project reads the project in the folder: its import path and the names of its
// clusters. Where none is needed and there is none, both are empty.
func (s *Service) project(ctx context.Context, folder string, needed bool) (module string, err error) {
	file := strings.TrimPrefix(s.dir+"/"+spec.FileName, "./")
	read, err := spec.Load(file)
	if errors.Is(err, fs.ErrNotExist) {
		if !needed {
			return "", nil
		}
		return "", fault.Wrap(fault.Input, fault.In(file), "does not exist, so this is not a project of failover-gen", "give the folder of a project that failover-gen generated", err)
	}
	if err != nil {
		return "", err
	}
	if read.Kind != spec.KindHazelcast {
		return "", fault.New(fault.Input, fault.In(file), "is that of a web service, which has no clusters to pin", "give the folder of a project with clusters")
	}
	if read.Pin != spec.PinRegistry {
		return "", fault.New(fault.Input, fault.In(file), "has no \"pin: registry\", so the processes of this project follow no pin in a registry",
			"run failover-gen generate "+s.dir+" --pin registry, and deploy that")
	}
	lockFile := strings.TrimPrefix(s.dir+"/"+spec.LockName, "./")
	lock, err := spec.LoadLock(lockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fault.Wrap(fault.Input, fault.In(lockFile), "does not exist, so it is not known how the clusters are called", "take it from version control, or give --path and a folder without "+spec.FileName, err)
	}
	if err != nil {
		return "", err
	}
	compiled, _, err := hazelcast.Compiled(ctx, read, lock)
	if err != nil {
		return "", err
	}
	s.clusters = given.Names(folder, compiled)
	return read.Module, nil
}

// CheckName refuses a cluster that the project does not have.
func (s *Service) CheckName(name string) error {
	if s.clusters == nil || slices.Contains(s.clusters, name) {
		return nil
	}
	return fault.New(fault.Input, fault.In(strings.TrimPrefix(s.dir+"/"+spec.FileName, "./")), fmt.Sprintf("there is no cluster %q", name),
		"choose one of "+strings.Join(s.clusters, ", ")+", or "+fleet.None)
}

func wrong(cause, remedy string) error {
	return fault.New(fault.Input, fault.Position{}, cause, remedy)
}

// settingsFaults makes faults of errors that hold cause and remedy in one line.
func settingsFaults(err error) error {
	var list fault.List
	for line := range strings.SplitSeq(err.Error(), "\n") {
		cause, remedy, _ := strings.Cut(line, "; ")
		list = append(list, fault.New(fault.Input, fault.Position{}, cause, remedy))
	}
	return list
}
