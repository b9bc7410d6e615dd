package drill

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/standin"
)

var exeSuffix = map[string]string{"windows": ".exe"}[runtime.GOOS]

// project is what a drill needs to know of a generated project.
type project struct {
	dir      string
	names    []string // of the clusters, in order of preference
	users    []string // their user names, "" for none
	aliases  []string // of their keys, "" for the console's
	failover spec.Failover
	warm     bool
}

// load reads failover.yaml and, where that leaves values to the bundles,
// failover.lock.
func load(dir string) (*project, error) {
	path := filepath.Join(dir, spec.FileName)
	s, err := spec.Load(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.Wrap(fault.Input, fault.In(path), "is not there", "give the folder of a project that failover-gen generated", err)
	case errors.Is(err, syscall.ENOTDIR):
		return nil, fault.Wrap(fault.Input, fault.In(dir), "is not a folder", "give the folder of a project that failover-gen generated", err)
	case err != nil:
		return nil, err
	}
	lock, err := spec.LoadLock(filepath.Join(dir, spec.LockName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if lock == nil || lock.Spec != s.Digest() {
		return nil, fault.New(fault.Finding, fault.In(path),
			"says something other than the project was generated from, so a drill would prove nothing about it",
			"generate it again first: failover-gen generate "+filepath.ToSlash(dir))
	}
	if len(s.Clusters) < 2 {
		return nil, fault.New(fault.Input, fault.In(path),
			"there is only one cluster, so there is nothing to fail over to",
			"add a second one under clusters")
	}
	p := &project{dir: dir, failover: s.Failover, warm: s.Failover.Standby == spec.StandbyWarm}
	for i, c := range s.Clusters {
		name, user := c.Name, c.Username
		if i < len(lock.Clusters) {
			if name == "" {
				name = lock.Clusters[i].Name
			}
			if user == "" {
				user = lock.Clusters[i].Username
			}
		}
		if name == "" {
			name = fmt.Sprintf("cluster-%d", i+1)
		}
		p.names, p.users, p.aliases = append(p.names, name), append(p.users, user), append(p.aliases, c.Alias)
	}
	return p, nil
}

// builder builds the program in dir into the file at the absolute path binary.
type builder func(ctx context.Context, dir, binary string) error

// goBuild builds as a user would for this machine, and changes neither go.mod nor
// go.sum. What go build leaves behind when it is killed is beside the binary.
func goBuild(ctx context.Context, dir, binary string) error {
	tool, err := exec.LookPath("go")
	if err != nil {
		return fault.Wrap(fault.Environment, fault.Position{}, "no Go toolchain was found", "install Go from https://go.dev/dl and put it on PATH", err)
	}
	cmd := exec.CommandContext(ctx, tool, "build", "-o", binary, ".")
	cmd.Dir = dir
	inOwnGroup(cmd)
	cmd.Cancel = func() error { return interruptGroup(cmd) } // lets it end its compilers
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off", "GOTMPDIR="+filepath.Dir(binary), "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		killGroup(cmd)
		return ctx.Err()
	}
	if err != nil {
		return buildFault(dir, string(out), err)
	}
	return nil
}

// What go build says where not the project but its surroundings are at fault.
var (
	noModules   = regexp.MustCompile(`(?m)^.*(?:module lookup disabled by GOPROXY|@v[^\s:]+: (?:Get "|reading )|: reading \S+ at revision |: dial tcp).*$`)
	noToolchain = regexp.MustCompile(`(?m)^.*(?: requires go >= |toolchain not available).*$`)
)

// buildFault tells what stands in the way of a build from what is wrong with the project.
func buildFault(dir, out string, err error) error {
	f := fault.Wrap(fault.Environment, fault.In(dir), "", "", err)
	if line := noToolchain.FindString(out); line != "" {
		f.Cause = "the project needs a newer Go: " + strings.TrimSpace(line)
		f.Remedy = "install the version that go.mod names, or let Go fetch it by unsetting GOTOOLCHAIN"
		return f
	}
	if line := noModules.FindString(out); line != "" {
		f.Cause = "the modules that the project needs cannot be fetched: " + strings.TrimSpace(line)
		f.Remedy = "see that GOPROXY names a proxy that this machine reaches, run go mod download in that folder, then the drill again"
		return f
	}
	f.Kind, f.Cause = fault.Finding, "the project does not build: "+firstLines(out, 3)
	f.Remedy = "repair what go build -mod=readonly says in that folder"
	return f
}

// firstLines joins the first n lines that say something, without the lines of
// go build that name a package or a download.
func firstLines(text string, n int) string {
	var kept []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "# ") && !strings.HasPrefix(line, "go: downloading ") && len(kept) < n {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, " | ")
}

// storePassword opens the keystores of the stand-ins. They live for one run.
const storePassword = "changeit"

// startClusters starts a stand-in for each cluster of the project, and writes
// its stores below dir.
func (p *project) startClusters(dir string, members int) (clusters []*standin.Cluster, env []string, err error) {
	defer func() {
		if err != nil {
			stopAll(clusters)
			err = fault.Wrap(fault.Environment, fault.Position{},
				"the stand-in clusters cannot be started: "+err.Error(),
				"see that 127.0.0.1 can be listened on and TMPDIR be written to", err)
		}
	}()
	for i, name := range p.names {
		password := ""
		if p.users[i] != "" {
			password = storePassword
		}
		c, err := standin.Start(standin.Options{Name: name, Members: members, Alias: p.aliases[i], Username: p.users[i], Password: password, PrivateAddresses: true})
		if err != nil {
			return clusters, nil, err
		}
		clusters = append(clusters, c)
		home := filepath.Join(dir, fmt.Sprint(i+1))
		if err := os.MkdirAll(home, 0o700); err != nil {
			return clusters, nil, err
		}
		keystore, truststore, err := c.WriteStores(home, storePassword, false)
		if err != nil {
			return clusters, nil, err
		}
		for _, v := range [][2]string{
			{"NAME", name}, {"DISCOVERY_URL", c.DiscoveryURL()}, {"TOKEN", c.Token()}, {"ADDRESSES", ""}, {"SERVER_NAME", c.ServerName()},
			{"KEYSTORE", keystore}, {"KEYSTORE_PASSWORD", storePassword}, {"KEY_PASSWORD", ""},
			{"TRUSTSTORE", truststore}, {"TRUSTSTORE_PASSWORD", storePassword}, {"USERNAME", p.users[i]}, {"PASSWORD", password},
		} {
			env = append(env, fmt.Sprintf("FAILOVER_%d_%s=%s", i+1, v[0], v[1]))
		}
	}
	return clusters, env, nil
}

func stopAll(clusters []*standin.Cluster) {
	for _, c := range clusters {
		c.Stop()
	}
}

// inherited is our own environment without what belongs to a project.
func inherited() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "FAILOVER_") {
			env = append(env, v)
		}
	}
	return env
}
