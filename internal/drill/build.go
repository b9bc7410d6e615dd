package drill

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
)

var exeSuffix = map[string]string{"windows": ".exe"}[runtime.GOOS]

// builder builds the program in dir into the file at the absolute path binary.
type builder func(ctx context.Context, dir, binary string) error

// goBuild builds for this machine as a user would, and changes neither go.mod nor
// go.sum. The temporary files of go build lie beside the binary, so that they are
// removed with it even if go build is killed.
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

// What go build prints where the machine is at fault and not the project.
var (
	noModules   = regexp.MustCompile(`(?m)^.*(?:module lookup disabled by GOPROXY|@v[^\s:]+: (?:Get "|reading )|: reading \S+ at revision |: dial tcp).*$`)
	notAllowed  = regexp.MustCompile(`(?m)^.*(?:: permission denied|: read-only file system|: no space left on device|failed to initialize build cache .*|build cache is (?:required|disabled).*|module cache not found.*|could not create module cache.*|creating work dir: .*)$`)
	noToolchain = regexp.MustCompile(`(?m)^.*(?: requires go >= |toolchain not available).*$`)
)

// buildFault decides whether the project or the machine kept a build from
// succeeding: it is a finding if it was the project.
func buildFault(dir, out string, err error) error {
	f := fault.Wrap(fault.Environment, fault.In(dir), "", "", err)
	if line := noToolchain.FindString(out); line != "" {
		f.Cause = "the project needs a newer Go: " + strings.TrimSpace(line)
		f.Remedy = "install the version that go.mod names, or let Go fetch it by unsetting GOTOOLCHAIN"
		return f
	}
	if line := noModules.FindString(out); line != "" {
		f.Cause = "the modules that the project needs cannot be fetched: " + strings.TrimSpace(line)
		f.Remedy = "set GOPROXY to a proxy that this machine reaches, run go mod download in that folder, and drill again"
		return f
	}
	if line := notAllowed.FindString(out); line != "" {
		f.Cause = "this machine keeps the project from being built: " + strings.TrimSpace(line)
		f.Remedy = "let your user read the sources and write to the folders of go env GOCACHE GOMODCACHE, or name other ones by these variables and TMPDIR"
		return f
	}
	f.Kind, f.Cause = fault.Finding, "the project does not build: "+firstLines(out, 3)
	f.Remedy = "repair what go build -mod=readonly reports in that folder"
	return f
}

// firstLines joins the first n lines of text that are not empty. It leaves out
// the lines in which go build names a package or a download.
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
