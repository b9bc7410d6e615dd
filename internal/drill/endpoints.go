package drill

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/standin/endpoints"
	"github.com/failover-gen/failover-gen/internal/zookeeper"
	"github.com/failover-gen/failover-gen/templates/webservice/given"
)

// webEndpoint is a stand-in endpoint as the target of a drill.
type webEndpoint struct {
	*endpoints.Endpoint
	registry *registry // nil where the list is static

	mu    sync.Mutex
	entry *given.Registration // in the registry; nil while there is none
}

func (e *webEndpoint) Name() string { return e.URL() }

func (e *webEndpoint) Break(b breakage) (time.Time, error) {
	switch b.manner {
	case kill.manner:
		at := e.Kill()
		e.leave(sessionEnd)
		return at, nil
	case shutDown.manner:
		at := time.Now()
		e.leave(0)
		e.Refuse()
		return at, nil
	case freeze.manner:
		return e.Freeze(), nil
	case slow(0).manner:
		return e.Slow(b.delay), nil
	case faults.manner:
		return e.Answer(endpoints.Faults), nil
	case unavailable.manner:
		return e.Answer(endpoints.Unavailable), nil
	}
	return time.Now(), fmt.Errorf("a stand-in of an endpoint cannot be broken by %q", b.manner)
}

func (e *webEndpoint) Heal() {
	e.Slow(0)
	e.Thaw()
}

func (e *webEndpoint) Admitted() int { return e.Accepted() }

// Restart brings a killed endpoint back, at the end of the list.
func (e *webEndpoint) Restart() error {
	if err := e.Endpoint.Restart(); err != nil {
		return err
	}
	return e.join()
}

// Stop ends the endpoint and frees what it holds.
func (e *webEndpoint) Stop() {
	e.leave(0)
	e.Endpoint.Stop()
}

// join adds the endpoint at the end of the registry's list, and waits until it is there.
func (e *webEndpoint) join() error {
	if e.registry == nil {
		return nil
	}
	e.leave(0)
	entry, err := given.Register(e.registry.config(), "failover-gen-drill", e.URL())
	if err != nil {
		return err
	}
	e.mu.Lock()
	e.entry = entry
	e.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	return entry.Wait(ctx)
}

// leave removes the endpoint from the registry's list after a while, if it is there.
func (e *webEndpoint) leave(after time.Duration) {
	e.mu.Lock()
	entry := e.entry
	e.mu.Unlock()
	switch {
	case entry == nil:
	case after == 0:
		e.remove(entry)
	default:
		time.AfterFunc(after, func() { e.remove(entry) })
	}
}

// remove removes an entry from the list, unless that is done.
func (e *webEndpoint) remove(entry *given.Registration) {
	e.mu.Lock()
	mine := e.entry == entry
	if mine {
		e.entry = nil
	}
	e.mu.Unlock()
	if !mine {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	_ = entry.Close(ctx) // a registry that is down forgets the entry with its session
}

const (
	// sessionEnd is how long the registry lists a killed endpoint: as long as the
	// session of a real server lasts after its death.
	sessionEnd = time.Second
	// registryTimeout bounds what the drill asks of the registry.
	registryTimeout = 10 * time.Second
)

// registry is a ZooKeeper of the drill's own, in which endpoints are listed.
type registry struct {
	server *zookeeper.Server
	path   string
	before []int64 // the sessions that are not the project's
}

// whyNoRegistry says why a drill lists the endpoints for the project itself, ""
// where it starts a registry.
func whyNoRegistry(r spec.Registry) string {
	switch {
	case r.Type != spec.RegistryZooKeeper:
		return "the project has no registry, but a static list"
	case r.TLS == spec.TLSOn:
		return "the project connects to its registry with TLS, which that of a drill has not"
	}
	if err := zookeeper.Missing(); err != nil {
		return "no ZooKeeper can be started here: " + err.Error()
	}
	return ""
}

// noteWebservice tells the user of a project with a registry when the drill has none.
func noteWebservice(p *project) string {
	if p.registry.Type == spec.RegistryZooKeeper && p.noRegistry != "" {
		return "not drilled: the registry, because " + p.noRegistry + "; the project is given a static list"
	}
	return ""
}

// unfitWebservice leaves out what needs a registry where there is none.
func unfitWebservice(p *project, s *scenario) string {
	if strings.HasPrefix(s.name, "registry-") {
		return p.noRegistry
	}
	return ""
}

// startEndpoints starts the stand-ins and lists them: in a registry of the drill's own
// if the project has one, else in the environment.
func startEndpoints(p *project, f *field, dir string, _ int) error {
	home := filepath.Join(dir, "zookeeper")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	r := &registry{path: p.registry.FabricPath}
	if p.noRegistry == "" {
		var err error
		if r.server, err = zookeeper.Start(home, zookeeper.Options{}); err != nil {
			return err
		}
		f.registry = r
	}
	var urls []string
	for range p.size {
		if err := r.add(f); err != nil {
			return err
		}
		urls = append(urls, f.targets[len(f.targets)-1].Name())
	}
	if f.registry == nil {
		f.env = append(f.env, "FAILOVER_ENDPOINTS="+strings.Join(urls, ","))
		return nil
	}
	f.env = append(f.env, "FAILOVER_REGISTRY_ADDRESSES="+r.server.Addr, "FAILOVER_REGISTRY_PATH="+r.path, "FAILOVER_REGISTRY_USER=", "FAILOVER_REGISTRY_PASSWORD=")
	var err error
	r.before, err = r.server.Sessions()
	return err
}

// add starts one more stand-in, which stands last.
func (r *registry) add(f *field) error {
	e, err := endpoints.Start()
	if err != nil {
		return err
	}
	target := &webEndpoint{Endpoint: e, registry: f.registry}
	f.targets = append(f.targets, target)
	return target.join()
}

func (r *registry) config() given.RegistryConfig {
	return given.RegistryConfig{Addresses: []string{r.server.Addr}, Path: r.path, Logger: slog.New(slog.DiscardHandler)}
}

// kill ends the registry without a word, and returns the instant.
func (r *registry) kill() time.Time {
	at := time.Now()
	r.server.Kill()
	return at
}

func (r *registry) restart() error { return r.server.Restart() }

// expire ends the sessions of the project.
func (r *registry) expire() error {
	all, err := r.server.Sessions()
	if err != nil {
		return err
	}
	project := slices.DeleteFunc(all, func(id int64) bool { return slices.Contains(r.before, id) })
	if len(project) == 0 {
		return errors.New("the project has no session with the registry")
	}
	for _, id := range project {
		if err := r.server.Expire(id); err != nil {
			return err
		}
	}
	return nil
}

func (r *registry) stop() { r.server.Kill() }
