//go:build unix

package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/cli"
	"github.com/failover-gen/failover-gen/internal/drill"
)

// rehearsal is the map that live drills write to.
const rehearsal = "rehearsal"

// live runs failover-gen drill --live --json.
func live(t *testing.T, dir string, flags ...string) (report drill.Report) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := cli.Main(cli.Env{
		Args:  append([]string{"drill", dir, "--live", "--map", rehearsal, "--json"}, flags...),
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, LookupEnv: os.LookupEnv, Now: time.Now,
	})
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil || code != 0 {
		t.Fatalf("exit %d, %v\n%s%s", code, err, &stdout, &stderr)
	}
	return report
}

// passed wants every run to have passed, with the loss of a cluster noticed where
// there was one.
func passed(t *testing.T, report drill.Report, runs int) {
	t.Helper()
	if len(report.Results) != runs {
		t.Errorf("%d runs, want %d", len(report.Results), runs)
	}
	for _, r := range report.Results {
		t.Logf("%s", r.Text())
		if !r.Passed || r.LostAcked+r.Duplicated > 0 || (r.GapMS > 0) != (r.Scenario == "kill" || r.Scenario == "freeze") || r.AtRisk == 0 && r.GapMS > 0 {
			t.Errorf("%+v", r)
		}
	}
}

// withoutTLS points the project to the members' own addresses. Members of the
// Community edition have no TLS.
func withoutTLS(t *testing.T, clusters ...*cluster) {
	t.Helper()
	for i, c := range clusters {
		t.Setenv(fmt.Sprintf("FAILOVER_%d_NAME", i+1), c.name)
		t.Setenv(fmt.Sprintf("FAILOVER_%d_ADDRESSES", i+1), fmt.Sprintf("127.0.0.1:%d", c.members[0].port)) // the list names the other
	}
}

func TestLiveDrillOnRealMembersThroughDiscovery(t *testing.T) {
	jar := hazelcastJar(t)
	project := generateProject(t, 2)
	primary, secondary := newCluster(t, "primary", jar), newCluster(t, "secondary", jar)
	primary.add(2)
	secondary.add(1)
	primary.waitSize(2)
	secondary.waitSize(1)
	pointTo(t, primary, secondary)
	report := live(t, project, "--clean", "--writers", "4", "--scenario", "kill", "--scenario", "freeze", "--scenario", "reset-once", "--scenario", "freeze-one", "--scenario", "slow")
	passed(t, report, 5)
	for _, c := range []*cluster{primary, secondary} {
		if left := c.entries(t.Context(), rehearsal); len(left) != 0 {
			t.Errorf("%d entries are left on %s", len(left), c.name)
		}
	}
	if report.Live.Removed[primary.name] == 0 || report.Live.Removed[secondary.name] == 0 {
		t.Errorf("removed: %v", report.Live.Removed)
	}
}

func TestLiveDrillOnRealMembersByAddress(t *testing.T) {
	jar := hazelcastJar(t)
	project := generateProject(t, 2, "--set", "1.tls=off", "--set", "2.tls=off")
	primary, secondary := newCluster(t, "primary", jar), newCluster(t, "secondary", jar)
	primary.add(2)
	secondary.add(1)
	primary.waitSize(2)
	secondary.waitSize(1)
	withoutTLS(t, primary, secondary)
	report := live(t, project, "--scenario", "kill", "--scenario", "freeze")
	passed(t, report, 2)
	left := len(primary.entries(t.Context(), rehearsal)) + len(secondary.entries(t.Context(), rehearsal))
	if want := report.Live.Left[primary.name] + report.Live.Left[secondary.name]; left == 0 || left != want {
		t.Errorf("%d entries are left, by the report %d", left, want)
	}
	live(t, project, "--clean-run", report.Live.Run)
	if left := len(primary.entries(t.Context(), rehearsal)) + len(secondary.entries(t.Context(), rehearsal)); left != 0 {
		t.Errorf("%d entries are left after --clean-run", left)
	}
	interruptLive(t, project, primary, secondary)
}

// interruptLive presses Ctrl-C while a drill writes, and wants nothing to be left.
func interruptLive(t *testing.T, project string, primary, secondary *cluster) {
	t.Helper()
	tool := filepath.Join(t.TempDir(), "failover-gen")
	build := exec.Command("go", "build", "-o", tool, "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var out bytes.Buffer
	cmd := exec.Command(tool, "drill", project, "--live", "--map", rehearsal, "--clean")
	cmd.Stdout, cmd.Stderr = &out, &out
	diesWithUs(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for len(primary.entries(ctx, rehearsal)) == 0 {
		time.Sleep(50 * time.Millisecond)
	}
	_ = cmd.Process.Signal(syscall.SIGINT)
	_ = cmd.Wait() // the exit code is compared below
	if code := cmd.ProcessState.ExitCode(); code != 130 || !strings.Contains(out.String(), "none is left") {
		t.Errorf("exit %d\n%s", code, &out)
	}
	if left := len(primary.entries(ctx, rehearsal)) + len(secondary.entries(ctx, rehearsal)); left != 0 {
		t.Errorf("%d entries are left after Ctrl-C", left)
	}
}
