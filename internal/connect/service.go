package connect

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/failover-gen/failover-gen/generate/webservice"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/templates/webservice/given"
)

// loadService is Load for a web service, which is one target.
func loadService(dir string, s *spec.Spec, l *spec.Lock) (targets []Target, warnings []string, err error) {
	settled := webservice.Settled(s, l)
	folder, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, err
	}
	r := settled.Registry
	service, warnings, err := given.Load(folder, given.Service{Endpoints: r.Endpoints, Addresses: r.Addresses, Path: r.FabricPath, User: r.User, TLS: r.TLS == spec.TLSOn})
	here, _ := filepath.Split(filepath.Join(dir, spec.FileName))
	p := &project{shown: strings.NewReplacer(folder+string(filepath.Separator), filepath.ToSlash(here))}
	t := Target{
		At: fault.In(filepath.ToSlash(filepath.Join(dir, spec.FileName))), Name: "static list", Addresses: service.Endpoints,
		Password: service.Password, Timeout: r.MaximumConnectionTimeout, service: &service,
	}
	if len(service.Endpoints) == 0 {
		t.Name = fmt.Sprintf("%s at %s", strings.Trim(service.Path, "/"), strings.Join(service.Addresses, ", "))
	}
	return []Target{t}, p.ours(warnings), p.settings(err).ErrOrNil()
}

// connectService reads the list of endpoints, and connects to each.
func (t *Target) connectService(ctx context.Context, now time.Time) Cluster {
	r := &recorder{target: t, now: now, cluster: Cluster{Name: t.Name, Certificates: []Certificate{}}}
	urls := t.service.Endpoints
	if len(urls) == 0 {
		begun := time.Now()
		var err error
		urls, err = given.Endpoints(ctx, *t.service, t.Timeout)
		stage := Stage{Name: Registry, MS: milliseconds(time.Since(begun))}
		switch {
		case err != nil:
			stage.Detail = r.redacted(err.Error())
			cause, remedy, found := strings.Cut(err.Error(), "; ")
			if !found {
				remedy = "check that ZooKeeper runs there, and that this machine reaches it"
			}
			r.fail(Registry, trouble{cause: cause, remedy: remedy})
		case len(urls) == 0:
			stage.Detail = "the list is empty"
			r.fail(Registry, trouble{cause: "the list is empty: no server is registered", remedy: "start a server of the service"})
		default:
			stage.OK, stage.Detail = true, strings.Join(urls, ", ")
		}
		r.cluster.Stages = append(r.cluster.Stages, stage)
		if !stage.OK {
			r.rest([]string{Endpoints})
			return r.done()
		}
	}
	t.tryEndpoints(ctx, r, urls)
	return r.done()
}

// tryEndpoints connects to all endpoints side by side. Each that cannot be reached is
// a failure: the program would go on with the next, but its list is shorter than it seems.
func (t *Target) tryEndpoints(ctx context.Context, r *recorder, urls []string) {
	ctx, cancel := context.WithTimeout(ctx, t.Timeout)
	defer cancel()
	troubles, took := make([]*trouble, len(urls)), make([]time.Duration, len(urls))
	var wg sync.WaitGroup
	for i, u := range urls {
		wg.Go(func() {
			begun := time.Now()
			address := hostAndPort(u)
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
			if took[i] = time.Since(begun); err != nil {
				troubles[i] = t.network(address, err, "check that the server runs, and that this machine reaches that port")
				return
			}
			_ = conn.Close()
		})
	}
	wg.Wait()
	stage := Stage{Name: Endpoints, OK: true}
	reached, details := 0, []string(nil)
	for i, why := range troubles {
		stage.MS = max(stage.MS, milliseconds(took[i]))
		if why == nil {
			reached++
			continue
		}
		stage.OK = false
		details = append(details, why.cause)
		r.fail(Endpoints, *why)
	}
	stage.Detail = strings.Join(append([]string{fmt.Sprintf("%d of %d reached", reached, len(urls))}, compact(details)...), "; ")
	r.cluster.Stages = append(r.cluster.Stages, stage)
}

// hostAndPort is where the server of a URL listens.
func hostAndPort(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return text // dialling it says what is wrong
	case u.Port() != "":
		return u.Host
	case u.Scheme == "https":
		return net.JoinHostPort(u.Hostname(), "443")
	}
	return net.JoinHostPort(u.Hostname(), "80")
}
