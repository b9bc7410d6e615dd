//go:build unix

package cli

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// serviceFolder works in the folder of a module, with two bundles.
func serviceFolder(t *testing.T) (data string) {
	t.Helper()
	data = quickFolder(t)
	if err := os.WriteFile("go.mod", []byte("module example.com/svc\n\ngo 1.26.0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return data
}

// isPackage checks what init has written, and that the command it closes with says
// the same.
func isPackage(t *testing.T, shown string) {
	t.Helper()
	for _, want := range []string{"use it:    import \"example.com/svc/failover\"", "prove it:  failover-gen drill failover --main FOLDER", "where FOLDER holds a program that imports it", "--layout package"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the screen lacks %q:\n%s", want, shown)
		}
	}
	if strings.Contains(shown, "--module") {
		t.Errorf("the closing command names the module path, which the folder decides:\n%s", shown)
	}
	if text, err := os.ReadFile("go.mod"); err != nil || !strings.Contains(string(text), "hazelcast-go-client") {
		t.Errorf("%v: go.mod lacks what the package needs:\n%s", err, text)
	}
	r := run(t, nil, "generate", "--primary", "primary.zip", "--secondary", "secondary.zip", "--out", "failover", "--layout", "package")
	if r.code != 0 || !strings.Contains(r.stdout, "nothing to change") {
		t.Errorf("the same without questions: %+v", r)
	}
}

var packageSteps = []step{
	{"Primary bundle:", enter}, {"Secondary bundle:", enter}, {"Another secondary?", enter}, {"Layout:", down + enter},
	{"Standby:", enter}, {"Failback:", enter}, {"Secrets:", enter}, {"Output folder:", enter}, {"Write these files?", enter},
}

func TestInitMakesAPackageInAModule(t *testing.T) {
	serviceFolder(t)
	s := inTerminal(t, 80, nil, "init")
	s.follows(packageSteps)
	s.exits(0)
	s.fits()
	isPackage(t, s.shown())
}

func TestInitMakesAPackageInLines(t *testing.T) {
	serviceFolder(t)
	s, cmd := inOwnTerminal(t, nil, "init", "--plain")
	for _, step := range [][2]string{
		{"Primary bundle:\r\n", "\n"}, {"Secondary bundle:\r\n", "\n"}, {"Another secondary?", "\n"},
		{"Layout:\r\n  1. project: a module of its own, with a program\r\n  2. package: a package for the programs of your module\r\nNumber, or Enter for 1: ", "2\n"},
		{"Standby:\r\n", "\n"}, {"Failback:\r\n", "\n"}, {"Secrets:\r\n", "\n"},
		{"Output folder, or Enter for failover: ", "\n"}, {"Write these files? yes or no, or Enter for yes: ", "\n"},
	} {
		s.answers(step[0], step[1])
	}
	s.ends(cmd, 0)
	isPackage(t, s.said.String())
}

// The folder that is named last can lie in a module too, and can be a project.
func TestInitIntoTheFolderOfAProjectChangesThat(t *testing.T) {
	quickFolder(t)
	if r := run(t, nil, "generate", "--primary", "primary.zip", "--secondary", "secondary.zip", "--out", "orders"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	s := inTerminal(t, 120, nil, "init", "--no-drill")
	steps := append([]step(nil), happy[:len(happy)-1]...)
	steps[4].answer = down + enter
	s.follows(append(steps, step{"Write these files?", enter}))
	s.exits(0)
	if want := "+  standby: cold"; !strings.Contains(s.shown(), want) {
		t.Errorf("the screen lacks %q:\n%s", want, s.shown())
	}
	if r := run(t, nil, "check", "orders"); r.code != 0 {
		t.Errorf("what init wrote is not in step: %+v", r)
	}
}

// oddBundles writes a bundle whose keystore holds several keys, and one without TLS.
func oddBundles(t *testing.T, data string) {
	t.Helper()
	packBundle(t, data, "keys.zip", "pr-1234", `"pr-1234"`, `"pr-keys"`, ">pr-1234<", ">pr-keys<", "pr-1234.keystore", "several-keys.keystore")
	pack(t, "plain.zip", txtar.File{Name: "Client.java", Data: []byte(`class Client { void main() {
	ClientConfig config = new ClientConfig();
	config.setClusterName("plain");
	config.getNetworkConfig().addAddress("10.0.0.1:5701");
	HazelcastClient.newHazelcastClient(config);
} }`)})
}

func TestInitAsksForTheKeyAndForTLS(t *testing.T) {
	data := quickFolder(t)
	oddBundles(t, data)
	s := inTerminal(t, 60, nil, "init", "--no-drill")
	s.follows([]step{
		{"Primary bundle:", enter}, {"Key in client.keystore:", down + enter}, // keys.zip stands first
		{"Secondary bundle:", enter}, {"without TLS?", "y" + enter}, {"Another secondary?", enter},
		{"Module path:", "example.com/orders" + enter}, {"Standby:", enter}, {"Failback:", enter}, {"Secrets:", enter}, {"Output folder:", enter}, {"Write these files?", enter},
	})
	s.exits(0)
	s.fits()
	if want := " \\\n    --set '1.alias=invoices' \\\n    --set '2.tls=off'\n"; !strings.HasSuffix(s.shown(), want) {
		t.Errorf("the screen does not end in %q:\n%s", want, s.shown())
	}
	text, err := os.ReadFile("orders/failover.yaml")
	if err != nil || !strings.Contains(string(text), "    alias: invoices\n") || !strings.Contains(string(text), "    tls: off ") && !strings.Contains(string(text), "    tls: \"off\" ") {
		t.Errorf("%v: failover.yaml says\n%s", err, text)
	}
}

// The questions that only some projects are asked are left as all others are.
func TestInitIsLeftAtTheRareQuestions(t *testing.T) {
	data := serviceFolder(t)
	oddBundles(t, data)
	for question, steps := range map[string][]step{
		"Key in client.keystore:": {{"Primary bundle:", enter}},
		"without TLS?":            {{"Primary bundle:", down + enter}},
		"Layout:":                 {{"Primary bundle:", down + down + enter}, {"Secondary bundle:", down + down + enter}, {"Another secondary?", enter}},
	} {
		for name, key := range map[string]string{"Ctrl-C": ctrlC, "Ctrl-D": ctrlD} {
			t.Run(question+" "+name, func(t *testing.T) {
				s := inTerminal(t, 60, nil, "init")
				s.follows(steps)
				s.types(question, key)
				s.exits(130)
				nothingWritten(t, ".", "go.mod", "keys.zip", "plain.zip", "primary.zip", "secondary.zip")
			})
		}
	}
}
