package cli

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// A flag without completion would offer any file.
func TestEachFlagWithAValueIsCompleted(t *testing.T) {
	root := (&app{Env: Env{Stdout: io.Discard, Stderr: io.Discard}}).root()
	for _, c := range root.Commands() {
		if !c.IsAvailableCommand() || c.Name() == "completion" {
			continue
		}
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if _, ok := c.GetFlagCompletionFunc(f.Name); !ok && f.Value.Type() != "bool" {
				t.Errorf("%s --%s is not completed", c.CommandPath(), f.Name)
			}
		})
	}
}

func TestCompletions(t *testing.T) {
	folder(t)
	newProject(t)
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"generate", "--primary", ""}, []string{"zip", "tar.gz", "java", ":8"}},
		{[]string{"generate", "--from", ""}, []string{"xml", "java", ":8"}},
		{[]string{"generate", "--kind", ""}, []string{"hazelcast", "webservice", ":4"}},
		{[]string{"generate", "--set", ""}, []string{"2.name=", "failover.silence=", ":6"}},
		{[]string{"generate", "--endpoint", "http://a/", "--set", ""}, []string{"registry.user=", "failover.select=", ":6"}},
		{[]string{"generate", ""}, []string{":16"}},
		{[]string{"generate", "--standby", ""}, []string{"warm", "cold", ":4"}},
		{[]string{"generate", "--secrets", ""}, []string{"dotenv", "none", ":4"}},
		{[]string{"generate", "--secondary", "b.zip", "--secondary", "c.zip", "--set", "3."}, []string{"3.name=", "3.entry=", ":6"}},
		{[]string{"generate", "orders", "--take", ""}, []string{"main.go", "README.md", ":4"}},
		{[]string{"inspect", ""}, []string{"zip", "keystore", "p12", ":8"}},
		{[]string{"drill", "--scenario", ""}, []string{"kill", "freeze-one", "all", ":4"}},
		{[]string{"check", ""}, []string{":16"}},
		{[]string{"version", ""}, []string{":4"}},
	} {
		r := run(t, nil, append([]string{"__complete"}, c.args...)...)
		lines := strings.Split(r.stdout, "\n")
		for _, want := range c.want {
			if r.code != 0 || !strings.Contains("\n"+strings.Join(lines, "\n")+"\n", "\n"+want+"\n") {
				t.Errorf("%q: no %q in %d %q %s", c.args, want, r.code, lines, r.stderr)
			}
		}
	}
}

// Each example names a command that exists, with flags that it has.
func TestEachCommandHasExamplesThatParse(t *testing.T) {
	for _, c := range (&app{Env: Env{Stdout: io.Discard, Stderr: io.Discard}}).root().Commands() {
		if c.Name() == "help" {
			continue
		}
		if c.Example == "" {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for line := range strings.Lines(c.Example) {
			_, rest, ok := strings.Cut(line, "failover-gen ")
			rest, _, _ = strings.Cut(strings.TrimRight(rest, ")\n"), " >")
			rest, _, _ = strings.Cut(rest, " |")
			root := (&app{Env: Env{Stdout: io.Discard, Stderr: io.Discard}}).root()
			found, args, err := root.Find(strings.Fields(rest))
			if !ok || err != nil || !strings.HasPrefix(found.CommandPath(), c.CommandPath()) {
				t.Errorf("%q is not an example of %s: %v", line, c.CommandPath(), err)
				continue
			}
			if err := found.ParseFlags(args); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	}
}

func TestVersionNamesRevisionAndClient(t *testing.T) {
	r := run(t, nil, "version", "--json")
	var got struct{ Command, Version, HazelcastClient string }
	if err := json.Unmarshal([]byte(r.stdout), &got); err != nil || got.Command != "version" || got.Version == "" || !strings.HasPrefix(got.HazelcastClient, "v1.") {
		t.Errorf("%v: %+v", err, r)
	}
	info := &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}}}
	info.Main.Version = "v1.2.3"
	if v := versionOf(info); v.Version != "v1.2.3" || v.Revision != "abc" || !v.Modified {
		t.Errorf("%+v", v)
	}
}

func TestManualPagesHaveNoDate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	if r := run(t, nil, "man", dir); r.code != 0 || !strings.Contains(r.stdout, "failover-gen-generate.1") {
		t.Fatalf("%+v", r)
	}
	page, err := os.ReadFile(filepath.Join(dir, "failover-gen-generate.1"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(string(page), ".nh\n"), "\n")
	if want := `.TH "FAILOVER-GEN-GENERATE" "1" "" "failover-gen" "failover-gen"`; first != want || !strings.Contains(string(page), "primary") {
		t.Errorf("%s, want %s", first, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "failover-gen-man.1")); err == nil {
		t.Error("the hidden command has a page")
	}
}

func TestWarningsAndConflictsAreColoured(t *testing.T) {
	folder(t)
	newProject(t)
	if err := os.WriteFile("orders/load.go", []byte("package main // mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		value string
		want  bool
	}{{"1", true}, {"0", false}} {
		env := map[string]string{"FORCE_COLOR": c.value}
		if r := run(t, env, "generate", "orders", "--standby", "cold", "--dry-run"); strings.Contains(r.stdout, "\x1b[31mconflict") != c.want {
			t.Errorf("FORCE_COLOR=%s: %q", c.value, r.stdout)
		}
		var errs strings.Builder
		a := &app{Env: Env{Stdout: io.Discard, Stderr: &errs, LookupEnv: lookup(env)}}
		a.warn([]string{"odd"})
		if want := map[bool]string{true: "\x1b[33mwarning:\x1b[0m odd\n", false: "warning: odd\n"}[c.want]; errs.String() != want {
			t.Errorf("FORCE_COLOR=%s: %q, want %q", c.value, errs.String(), want)
		}
	}
}
