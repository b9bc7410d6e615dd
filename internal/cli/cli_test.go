package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/sample"
)

// made are bundles that all tests share: making their keys takes a while.
var made = sync.OnceValues(func() ([]sample.Bundle, error) { return sample.Make(2, pki.Quick) })

// folder returns a folder with a.zip and b.zip, and works in it.
func folder(t *testing.T) string {
	t.Helper()
	bundles, err := made()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i, name := range []string{"a.zip", "b.zip"} {
		if err := os.WriteFile(filepath.Join(dir, name), bundles[i].Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

type result struct {
	code           int
	stdout, stderr string
}

// run runs the command line in this process. Nothing that it prints may hold a secret.
func run(t *testing.T, env map[string]string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := Main(Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		LookupEnv: lookup(env),
		Now:       func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
	})
	bundles, err := made()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bundles {
		for _, secret := range []string{b.Token, b.Password} {
			if strings.Contains(out.String()+errs.String(), secret) {
				t.Errorf("%v prints a secret", args)
			}
		}
	}
	return result{code, out.String(), errs.String()}
}

func newProject(t *testing.T) {
	t.Helper()
	if r := run(t, nil, "generate", "--primary", "a.zip", "--secondary", "b.zip", "--out", "orders"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
}

func TestGenerateThenGenerateAgain(t *testing.T) {
	folder(t)
	bundles, _ := made()
	args := []string{"generate", "--primary", "a.zip", "--secondary", "b.zip", "--out", "orders"}
	first := run(t, nil, args...)
	for _, want := range []string{"orders: created, ", "cluster 1  " + bundles[0].Cluster, "resources/client2.keystore, resources/client2.truststore", "cd orders && go run ."} {
		if !strings.Contains(first.stdout, want) {
			t.Errorf("the output lacks %q:\n%s", want, first.stdout)
		}
	}
	if first.code != 0 || first.stderr != "" {
		t.Errorf("%+v", first)
	}
	for _, again := range [][]string{args, {"generate", "orders"}, {"generate", "./orders/"}} {
		if r := run(t, nil, again...); r.code != 0 || !strings.Contains(r.stdout, "orders: nothing to change") {
			t.Errorf("%v: %+v", again, r)
		}
	}
	t.Chdir("orders")
	if r := run(t, nil, "generate"); r.code != 0 || !strings.Contains(r.stdout, ".: nothing to change") {
		t.Errorf("inside the project: %+v", r)
	}
}

func TestWrongUse(t *testing.T) {
	folder(t)
	newProject(t)
	for _, c := range []struct {
		args string
		want string // the first line on standard error starts so
	}{
		{"generate --out new", "missing: --primary, --secondary; "},
		{"generate", "missing: --primary, --secondary, --out; "},
		{"generate --primary a.zip new", "--primary is for a new project, and does not go with folders of existing ones (new); "},
		{"generate a.zip b.zip --out new", "generate takes bundles by flags, which say in which order they are preferred, and not as arguments (a.zip, b.zip); write --primary a.zip --secondary b.zip"},
		{"generate --primary a.zip b.zip none.zip --out new", "generate takes bundles by flags, which say in which order they are preferred, and not as arguments (b.zip, none.zip); write --secondary b.zip --secondary none.zip"},
		{"generate --bogus", "unknown flag --bogus; see failover-gen generate --help"},
		{"generate -primary a.zip", "unknown flag -primary; did you mean --primary? "},
		{"--out new", "unknown flag --out; write it after the command: failover-gen generate --out"},
		{"generate --=new", "--=new is not a flag; "},
		{"generat", `unknown command "generat" for "failover-gen"; did you mean generate? `},
		{"inspect", "missing: a bundle or keystore to inspect; see failover-gen inspect --help"},
		{"drill a b", "drill takes one folder, not a, b; see failover-gen drill --help"},
		{"demo a", "demo takes no arguments, not a; "},
		{"drill --repeat 0", "--repeat 0: is less than 1; "},
		{"drill --writers 0", "--writers 0: is not between 1 and 1000; "},
		{"drill --writers 1001", "--writers 1001: is not between 1 and 1000; "},
		{"drill --seed -1", "--seed -1: is not a whole number from 1, or is too large; "},
		{"drill --writers abc", "--writers abc: is not a whole number, or is too large; see failover-gen drill --help"},
		{"drill --quiet=abc", "--quiet abc: is neither true nor false; see failover-gen drill --help"},
		{"generate --primary a.zip --secondary b.zip --out new --map=", "--map: is empty; "},
		{"generate --primary a.zip --secondary= --out new", "missing: --secondary; "},
		{"generate --primary a.zip --secondary b.zip --out a.zip", "a.zip: is a bundle itself; give another folder for the project"},
		{"drill orders --scenario flood", `there is no scenario "flood"; `},
		{"drill", "failover.yaml: is not there; "},
		{"drill a.zip", "a.zip: is not a folder; "},
		{"generate a.zip", "a.zip: is not a folder; "},
		{"demo --keep orders", "orders: exists already; "},
		{"generate nowhere", "nowhere/failover.yaml: does not exist, so this is not a project of failover-gen; "},
		{"generate --primary a.zip --secondary none.zip --out new", "none.zip: there is no such file or directory; "},
		{"generate --primary a.zip --secondary b.zip --out new --set 3.name=x", "--set 3.name: there is no cluster 3; "},
		{"generate --primary a.zip --secondary b.zip --out new --set name=x", "--set name: is not of the form N.key=value; "},
		{"generate --primary a.zip --secondary b.zip --out new --module ../x", `--module: "../x" is not a module path; `},
		{"generate --primary a.zip --secondary b.zip --out new --module net/http", `--module: "net/http" would hide packages of Go itself; `},
		{"generate --primary a.zip --secondary b.zip --out new --module github.com/hazelcast/hazelcast-go-client/v2", `the module path "github.com/hazelcast/hazelcast-go-client/v2" belongs to github.com/hazelcast/hazelcast-go-client, which the project needs; `},
		{"generate --primary a.zip --secondary b.zip --out orders --standby cold", "orders/failover.yaml: says something other than --standby cold; "},
		{"generate --primary b.zip --secondary a.zip --out orders", "orders/failover.yaml: says something other than --primary and --secondary; "},
		{"generate --primary a.zip --secondary a.zip --out new", "a.zip!src/main/java/com/hazelcast/cloud/ClientWithSsl.java:"},
		{"inspect none.zip", "none.zip: there is no such file or directory; "},
	} {
		r := run(t, nil, strings.Fields(c.args)...)
		if r.code != 2 || r.stdout != "" || !strings.HasPrefix(r.stderr, c.want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want exit 2 and %q", c.args, r.code, r.stdout, r.stderr, c.want)
		}
		j := run(t, nil, append(strings.Fields(c.args), "--json")...)
		if j.code != 2 {
			t.Errorf("%s --json: exit %d", c.args, j.code)
		}
		d := document(t, j.stdout)
		if d.Exit != 2 || d.Command != strings.Fields(c.args)[0] && d.Command != "failover-gen" || len(d.Errors) == 0 || d.Errors[0].Cause == "" {
			t.Errorf("%s --json: %s", c.args, j.stdout)
		}
	}
	if _, err := os.Stat("new"); err == nil {
		t.Error("something was written")
	}
}

type jsonDocument struct {
	Command string
	Exit    int
	Files   []projectFile
	Bundles []struct{ Path, Form string }
	Errors  []problem
}

// document decodes what must be exactly one document.
func document(t *testing.T, text string) jsonDocument {
	t.Helper()
	var d jsonDocument
	dec := json.NewDecoder(strings.NewReader(text))
	if err := dec.Decode(&d); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	if _, err := dec.Token(); err != io.EOF {
		t.Errorf("more than one document: %q", text)
	}
	return d
}

func TestJSONOfSeveralProjects(t *testing.T) {
	folder(t)
	newProject(t)
	if r := run(t, nil, "generate", "--primary", "b.zip", "--secondary", "a.zip", "--out", "other"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if err := os.WriteFile("orders/clusters.go", []byte("package main\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := run(t, nil, "generate", "orders", "other", "nowhere", "--json")
	d := document(t, r.stdout)
	if r.code != 2 || d.Exit != 2 || len(d.Errors) != 2 || d.Errors[0].File != "orders/clusters.go" || d.Errors[1].File != "nowhere/failover.yaml" {
		t.Errorf("exit %d, %s", r.code, r.stdout)
	}
	actions := make(map[string]string)
	for _, f := range d.Files {
		actions[f.Project+"/"+f.Path] = string(f.Action)
	}
	for name, want := range map[string]string{"orders/clusters.go": "conflict", "other/clusters.go": "keep", "other/.env": "keep"} {
		if actions[name] != want {
			t.Errorf("%s: %q, want %q", name, actions[name], want)
		}
	}
	if _, err := os.Stat("orders/clusters.go.new"); err != nil {
		t.Error(err)
	}
}

func TestADryRunListsAndTouchesNothing(t *testing.T) {
	folder(t)
	r := run(t, nil, "generate", "--primary", "a.zip", "--secondary", "b.zip", "--out", "orders", "--dry-run")
	if r.code != 0 || !strings.Contains(r.stdout, "  create   secret     resources/client2.keystore\n") {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat("orders"); err == nil {
		t.Error("orders was written")
	}
}

func TestADryRunOfNothingSaysSo(t *testing.T) {
	folder(t)
	newProject(t)
	if r := run(t, nil, "generate", "orders", "--dry-run"); r.code != 0 || !strings.HasPrefix(r.stdout, "orders: dry run, nothing was touched: nothing to change, ") {
		t.Errorf("%+v", r)
	}
}

func TestQuietPrintsErrorsOnly(t *testing.T) {
	folder(t)
	if r := run(t, nil, "generate", "--primary", "a.zip", "--secondary", "b.zip", "--out", "orders", "--quiet"); r.code != 0 || r.stdout+r.stderr != "" {
		t.Errorf("%+v", r)
	}
	if r := run(t, nil, "generate", "nowhere", "-q"); r.code != 2 || r.stdout != "" || r.stderr == "" {
		t.Errorf("%+v", r)
	}
}

func TestInspectABundleAndAKeystore(t *testing.T) {
	folder(t)
	newProject(t)
	bundles, _ := made()
	r := run(t, nil, "inspect", "a.zip", "none.zip", "b.zip", "--json")
	if d := document(t, r.stdout); r.code != 2 || len(d.Bundles) != 2 || d.Bundles[1].Path != "b.zip" || len(d.Errors) != 1 {
		t.Errorf("%+v", r)
	}
	const store = "orders/resources/client.keystore"
	if r := run(t, nil, "inspect", store); r.code != 2 || !strings.HasPrefix(r.stderr, store+": the password of this store is not known") {
		t.Errorf("%+v", r)
	}
	if err := os.WriteFile("pass.txt", []byte(bundles[0].Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("large.txt", bytes.Repeat([]byte("x"), maxSecretFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		env  map[string]string
		code int
	}{
		{map[string]string{"FAILOVER_STORE_PASSWORD_FILE": "large.txt"}, 2},
		{map[string]string{"FAILOVER_STORE_PASSWORD": bundles[0].Password}, 0},
		{map[string]string{"FAILOVER_STORE_PASSWORD_FILE": "pass.txt"}, 0},
		{map[string]string{"FAILOVER_STORE_PASSWORD_FILE": "none.txt"}, 2},
		{map[string]string{"FAILOVER_STORE_PASSWORD": "x", "FAILOVER_STORE_PASSWORD_FILE": "pass.txt"}, 2},
		{map[string]string{"FAILOVER_STORE_PASSWORD": "wrong"}, 2},
	} {
		if r := run(t, c.env, "inspect", store); r.code != c.code || c.code == 0 && !strings.Contains(r.stdout, "RSA-2048") {
			t.Errorf("%v: %+v", c.env, r)
		}
	}
}

func TestColoursAreForTerminalsThatWantThem(t *testing.T) {
	for _, c := range []struct {
		env     map[string]string
		noColor bool
		want    bool
	}{
		{nil, false, false}, // no terminal
		{map[string]string{"FORCE_COLOR": "1"}, false, true},
		{map[string]string{"FORCE_COLOR": "0"}, false, false},
		{map[string]string{"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "dumb"}, false, true},
		{map[string]string{"FORCE_COLOR": "1"}, true, false},
	} {
		a := &app{Env: Env{Stdout: io.Discard, LookupEnv: lookup(c.env)}}
		a.noColor = c.noColor
		if got := a.colour("32", "x") != "x"; got != c.want {
			t.Errorf("%v %v: coloured %v", c.env, c.noColor, got)
		}
	}
}

func TestForeignTextCannotSteerTheTerminal(t *testing.T) {
	var out bytes.Buffer
	a := &app{Env: Env{Stdout: &out, Stderr: &out, LookupEnv: lookup(nil)}}
	a.say("%s", "\x1b[2Ja\nb\u202ec")
	a.warn([]string{"x\r\ny"})
	if got := out.String(); strings.ContainsAny(got, "\x1b\r\u202e") || strings.Count(got, "\n") != 2 {
		t.Errorf("printed %q", got)
	}
}

// full is a stream that takes nothing any more.
type full struct{}

func (full) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "/dev/full", Err: syscall.ENOSPC}
}

func TestLostOutputIsAnError(t *testing.T) {
	folder(t)
	for args, want := range map[string]int{"inspect a.zip": 3, "inspect a.zip --json": 3, "--help": 3, "generate nowhere --json": 3, "inspect a.zip --quiet": 0} {
		var errs bytes.Buffer
		code := Main(Env{Args: strings.Fields(args), Stdin: strings.NewReader(""), Stdout: full{}, Stderr: &errs, LookupEnv: lookup(nil), Now: time.Now})
		if told := strings.Contains(errs.String(), "standard output cannot be written to: no space left on device; "); code != want || told != (want == 3) {
			t.Errorf("%s: exit %d, %q; want %d", args, code, errs.String(), want)
		}
	}
}

func TestHelpGoesToStandardOutput(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"generate", "--help"}, {}} {
		if r := run(t, nil, args...); r.code != 0 || !strings.Contains(r.stdout, "Usage:") || r.stderr != "" {
			t.Errorf("%v: %+v", args, r)
		}
	}
}

func TestHelpOnWhatIsNotThere(t *testing.T) {
	if r := run(t, nil, "help", "generat"); r.code != 2 || r.stdout != "" || r.stderr != "unknown command \"generat\" for \"failover-gen\"; did you mean generate? see failover-gen --help\n" {
		t.Errorf("%+v", r)
	}
	if r := run(t, nil, "help", "generate", "bogus"); r.code != 2 || !strings.HasPrefix(r.stderr, `unknown command "bogus" for "failover-gen generate"; `) {
		t.Errorf("%+v", r)
	}
	if r := run(t, nil, "help", "generate"); r.code != 0 || !strings.Contains(r.stdout, "--primary") {
		t.Errorf("%+v", r)
	}
}

func TestVersionIsOneLine(t *testing.T) {
	if r := run(t, nil, "--version"); r.code != 0 || !regexp.MustCompile(`^failover-gen \S+\n$`).MatchString(r.stdout) || r.stderr != "" {
		t.Errorf("%+v", r)
	}
}

func TestVerdictCountsRuns(t *testing.T) {
	err := verdict(drill.Report{Project: "orders", Seed: 77, Results: []drill.Result{{}}})
	if err == nil || !strings.HasPrefix(err.Error(), "orders: failed 1 of 1 runs; ") || !strings.Contains(err.Error(), "--seed 77 ") {
		t.Error(err)
	}
}

// The drill gives a project settings of its own, so that a fault in the user's
// would go unnoticed if the project did not check them first.
func TestADrillFailsForAProjectThatRefusesItsOwnSettings(t *testing.T) {
	folder(t)
	newProject(t)
	text, err := os.ReadFile("orders/.env")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("orders/.env", regexp.MustCompile(`(?m)^FAILOVER_2_TOKEN=.*\n`).ReplaceAll(text, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, nil, "drill", "orders")
	const want = "orders: building\norders: checking its own settings\norders: the project does not accept its own settings (-check): FAILOVER_2_TOKEN is missing"
	if r.code != 1 || r.stdout != "" || !strings.HasPrefix(r.stderr, want) {
		t.Errorf("%+v, want %q", r, want)
	}
}

// With the first cluster in a blackhole and the second frozen, the third is
// active within the time for one attempt and a second, which is 4 s.
func TestTheThirdOfThreeClustersIsFoundAtTheStart(t *testing.T) {
	bundles, err := sample.Make(3, pki.Quick)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for i, name := range []string{"a.zip", "b.zip", "c.zip"} {
		if err := os.WriteFile(name, bundles[i].Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r := run(t, nil, "generate", "--primary", "a.zip", "--secondary", "b.zip", "--secondary", "c.zip", "--out", "orders", "--quiet"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	r := run(t, nil, "drill", "orders", "--scenario", "two-dead", "--report", "drill.html")
	if r.code != 0 || !strings.HasPrefix(r.stdout, "checked: ") || !strings.Contains(r.stdout, "\ntwo-dead          run 1   passed  gap ") || !strings.HasSuffix(r.stdout, "\n1 of 1 passed\nwritten: drill.html\n") {
		t.Errorf("%+v", r)
	}
	wantPage(t, "orders", "1 of 1 runs passed", "failover-gen drill orders --scenario two-dead --seed ", "checked: ", "blackhole", "freeze", "<svg ")
	// A drill that fails replaces the page as well.
	if err := os.WriteFile("orders/main.go", []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := run(t, nil, "drill", "orders", "--report", "drill.html", "--json"); r.code != 1 || !strings.Contains(r.stdout, `"report": "drill.html"`) {
		t.Errorf("%+v", r)
	}
	wantPage(t, "orders", "0 of 1 runs passed", "There is no picture")
}

func TestTheDemoWritesAPage(t *testing.T) {
	t.Chdir(t.TempDir())
	r := run(t, nil, "demo", "--report", "drill.html", "--json", "--keep", "kept")
	if r.code != 0 || !strings.Contains(r.stdout, `"report": "drill.html"`) || r.stderr != "" {
		t.Errorf("%+v", r)
	}
	wantPage(t, "kept/project", "Drill of the demo<", "1 of 1 runs passed", "failover-gen drill kept/project --scenario kill --seed ", "<svg ")
	want := "failover-gen demo --kind webservice --keep demo-folder && failover-gen drill demo-folder/project --scenario story --seed 7"
	if got := demoKinds["webservice"].again("", 7); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if r := run(t, nil, "demo", "--report", "absent/drill.html"); r.code != 2 || r.stdout != "" {
		t.Errorf("%+v", r)
	}
}

// wantPage wants drill.html to be whole, to hold these parts, and to hold no secret of
// the project.
func wantPage(t *testing.T, project string, parts ...string) {
	t.Helper()
	page, err := os.ReadFile("drill.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range append(parts, "<!DOCTYPE html>", "</html>\n") {
		if !strings.Contains(string(page), part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	env, err := os.ReadFile(filepath.Join(project, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	secrets := regexp.MustCompile(`(?m)^\w+(?:TOKEN|PASSWORD)='?([^'\n]+)`).FindAllStringSubmatch(string(env), -1)
	if len(secrets) == 0 {
		t.Error("no secret was found in .env")
	}
	for _, secret := range secrets {
		if strings.Contains(string(page), secret[1]) {
			t.Errorf("the page holds a secret: %s", secret[0])
		}
	}
}

// lookup reads an environment that a test made.
func lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, set := env[name]
		return value, set
	}
}
