//go:build unix

package integration

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/cli"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/sample"
)

// A package goes into a service that exists. The service builds without a network,
// passes a drill, and keeps what its owner wrote when the package is generated again.
func TestAPackageServesAServiceThatExists(t *testing.T) {
	service := t.TempDir()
	const goMod = "module example.com/service // the orders team\n\ngo 1.24.0\n\nrequire golang.org/x/sys v0.41.0 // indirect; pinned by us\n"
	source, err := os.ReadFile("testdata/service/cmd/orders/main.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(service, "go.mod"), goMod)
	write(t, filepath.Join(service, "cmd/orders/main.go"), string(source))
	bundles, err := sample.Make(2, pki.Quick)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(service, "failover")
	args := []string{"generate", "--layout", "package", "--out", out}
	for i, b := range bundles {
		name := filepath.Join(t.TempDir(), b.FileName)
		write(t, name, string(b.Data))
		args = append(args, []string{"--primary", "--secondary"}[i], name)
	}
	command(t, args...)
	text := read(t, filepath.Join(service, "go.mod"))
	for _, line := range []string{"// the orders team", "github.com/hazelcast/hazelcast-go-client v1.6.0", "golang.org/x/sys v0.49.0 // indirect; pinned by us"} {
		if !strings.Contains(text, line) {
			t.Errorf("go.mod lacks %q:\n%s", line, text)
		}
	}
	for _, verb := range []string{"build", "vet"} {
		cmd := exec.Command("go", verb, "-mod=readonly", "./...")
		cmd.Dir, cmd.Env = service, append(os.Environ(), "GOPROXY=off", "GOWORK=off")
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", verb, err, said)
		}
	}

	report := drillProject(t, out, "--main", filepath.Join(service, "cmd/orders"))
	if len(report.Results) != 1 || !report.Results[0].Passed {
		t.Errorf("the drill says %+v", report.Results)
	}

	write(t, filepath.Join(out, "extra.go"), "package failover\n\nconst mine = 1\n\nvar _ = mine\n")
	write(t, filepath.Join(out, "README.md"), "Ours.\n")
	if said := command(t, "generate", out); !strings.Contains(said, "nothing to change") {
		t.Errorf("generated again: %s", said)
	}
	command(t, "check", out)
	if got := read(t, filepath.Join(out, "README.md")); got != "Ours.\n" {
		t.Errorf("README.md is %q", got)
	}
	if got := read(t, filepath.Join(service, "go.mod")); got != text {
		t.Errorf("go.mod changed to\n%s", got)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// command runs failover-gen, which must succeed, and returns what it said.
func command(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	code := cli.Main(cli.Env{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, LookupEnv: os.LookupEnv, Now: time.Now})
	if code != 0 {
		t.Fatalf("%s: exit %d\n%s", args[0], code, &out)
	}
	return out.String()
}
