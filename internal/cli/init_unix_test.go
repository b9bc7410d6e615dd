//go:build unix

package cli

import (
	"archive/zip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// goldenData is the folder of the bundles with stores that open quickly.
const goldenData = "../../golden/testdata"

// packBundle writes the bundle of a cluster of the golden tests as a zip file, with
// its sources changed by replace.
func packBundle(t *testing.T, data, name, cluster string, replace ...string) {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join(data, "bundles", cluster+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range archive.Files {
		inner, source, isCopy := strings.Cut(f.Name, " <- ")
		content := []byte(strings.NewReplacer(replace...).Replace(string(f.Data)))
		if isCopy {
			if content, err = os.ReadFile(filepath.Join(data, strings.NewReplacer(replace...).Replace(source))); err != nil {
				t.Fatal(err)
			}
		}
		archive.Files[i] = txtar.File{Name: inner, Data: content}
	}
	pack(t, name, archive.Files...)
}

// pack writes a zip file.
func pack(t *testing.T, name string, files ...txtar.File) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := zip.NewWriter(out)
	for _, f := range files {
		entry, err := w.Create(f.Name)
		if err == nil {
			_, err = entry.Write(f.Data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// quickFolder works in a folder with primary.zip and secondary.zip, and returns the
// golden tests' data.
func quickFolder(t *testing.T) (data string) {
	t.Helper()
	data, err := filepath.Abs(goldenData)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	packBundle(t, data, "primary.zip", "pr-1234")
	packBundle(t, data, "secondary.zip", "pr-5678")
	return data
}

// fabricFile puts a Blueprint file into the current folder.
func fabricFile(t *testing.T, data string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "fabric", "blueprint.xml"))
	if err == nil {
		err = os.WriteFile("fabric.xml", text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// step is a question and what the user types.
type step struct{ question, answer string }

// happy are the questions of a new project where two bundles lie in the folder.
var happy = []step{
	{"Primary bundle:", enter},
	{"Secondary bundle:", enter},
	{"Another secondary?", enter},
	{"Module path:", "example.com/orders" + enter},
	{"Standby:", enter},
	{"Failback:", enter},
	{"Secrets:", enter},
	{"Output folder:", enter},
	{"Write these files?", down + enter},
}

func (s *session) follows(steps []step) {
	s.t.Helper()
	for _, step := range steps {
		s.types(step.question, step.answer)
	}
}

func TestInitAsksAndWrites(t *testing.T) {
	quickFolder(t)
	s := inTerminal(t, 80, nil, "init")
	s.follows(happy)
	s.exits(0)
	s.fits()
	for _, want := range []string{
		"? Primary bundle: pr-1234  primary.zip\n  cluster    pr-1234\n  discovery  https://api.cloud.example.com, token present\n  key        RSA-2048, \"client\", ",
		" days left\n", "? Secondary bundle: pr-5678  secondary.zip\n", "? Module path: example.com/orders\n", "? Output folder: orders\n", " created\n\nrun it:    cd orders && go run .\nprove it:  failover-gen drill orders\n",
		"the same without questions:\n  failover-gen generate \\\n    --primary primary.zip \\\n    --secondary secondary.zip \\\n    --out orders\n",
	} {
		if !strings.Contains(s.shown(), want) {
			t.Errorf("the screen lacks %q:\n%s", want, s.shown())
		}
	}
	if r := run(t, nil, "generate", "--primary", "primary.zip", "--secondary", "secondary.zip", "--out", "orders"); r.code != 0 || !strings.Contains(r.stdout, "nothing to change") {
		t.Errorf("the same without questions: %+v", r)
	}
}

// With a Fabric XML as the first answer, the questions are those of a web service.
func TestInitAsksForAWebService(t *testing.T) {
	fabricFile(t, quickFolder(t))
	s := inTerminal(t, 80, nil, "init")
	s.follows([]step{
		{"Primary bundle:", up + enter}, {"Path of the primary bundle:", "fabric.xml" + enter}, {"Select:", down + enter}, {"Replay:", enter},
		{"Module path:", "example.com/foo" + enter}, {"Secrets:", enter}, {"Output folder:", enter}, {"Write these files?", down + enter},
	})
	s.exits(0)
	s.fits()
	for _, want := range []string{
		"  registry    zk1.example.com:2181, zk2.example.com:2181\n  path        demo/fo\n", "  password    present, of the user fabric\n",
		"the same without questions:\n  failover-gen generate \\\n    --from fabric.xml \\\n    --out foo \\\n    --set 'failover.select=first'\n",
	} {
		if !strings.Contains(s.shown(), want) {
			t.Errorf("the screen lacks %q:\n%s", want, s.shown())
		}
	}
	if r := run(t, nil, "generate", "--from", "fabric.xml", "--out", "foo", "--set", "failover.select=first"); r.code != 0 || !strings.Contains(r.stdout, "nothing to change") {
		t.Errorf("the same without questions: %+v", r)
	}
}

// Without a file, the endpoints are typed, or looked up in ZooKeeper.
func TestInitAsksWhereEndpointsAre(t *testing.T) {
	t.Chdir(t.TempDir())
	s := inTerminal(t, 80, nil, "init", "--kind", "webservice", "--out", "foo")
	s.follows([]step{
		{"Where are the endpoints listed?", up + enter}, {"URL of endpoint 1:", "localhost:8185" + enter}, {"URL of endpoint 1:", "http://localhost:8185/Foo" + enter},
		{"URL of endpoint 2:", "http://localhost:8186/Foo" + enter}, {"Another endpoint?", enter}, {"Select:", enter}, {"Replay:", enter}, {"Module path:", enter}, {"Write these files?", down + enter},
	})
	s.exits(0)
	if want := "failover-gen generate \\\n    --endpoint 'http://localhost:8185/Foo' \\\n    --endpoint 'http://localhost:8186/Foo' \\\n    --out foo\n"; !strings.Contains(s.shown(), want) {
		t.Errorf("the screen lacks %q:\n%s", want, s.shown())
	}
}

func TestArrowKeysChoose(t *testing.T) {
	quickFolder(t)
	s := inTerminal(t, 80, nil, "init", "--no-drill")
	s.follows([]step{
		{"Primary bundle:", down + enter},
		{"Secondary bundle:", down + up + enter},
		{"Another secondary?", enter},
		{"Module path:", enter},
		{"Standby:", down + enter},
		{"Failback:", down + down + down + enter}, // round once
		{"Secrets:", up + enter},
		{"Output folder:", "mine" + enter},
		{"Write these files?", enter},
	})
	s.exits(0)
	text, err := os.ReadFile("mine/failover.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"- bundle: ../secondary.zip\n  - bundle: ../primary.zip", "module: example.com/failover-client", "standby: cold ", "failback: auto ", "secrets: none "} {
		if !strings.Contains(string(text), want) {
			t.Errorf("failover.yaml lacks %q:\n%s", want, text)
		}
	}
	if want := " \\\n    --secondary primary.zip \\\n    --out mine \\\n    --module example.com/failover-client \\\n    --standby cold \\\n    --failback auto \\\n    --secrets none\n"; !strings.HasSuffix(s.shown(), want) {
		t.Errorf("the screen does not end in %q:\n%s", want, s.shown())
	}
}

// In a terminal of 60 columns no line is wider than that, not even where a bundle
// has the long name that the console gives it.
func TestInitFitsANarrowTerminal(t *testing.T) {
	data := quickFolder(t)
	home := t.TempDir()
	const long = "hazelcast-cloud-java-sample-client-pr-9012-default.zip"
	packBundle(t, data, filepath.Join(home, "Downloads", long), "pr-9012")
	s := inTerminal(t, 60, map[string]string{"HOME": home}, "init")
	steps := append([]step(nil), happy...)
	steps[0].answer = down + down + enter
	s.follows(steps)
	s.exits(0)
	s.fits()
	if want := "? Primary bundle: pr-9012  ~/Download...pr-9012-default.zip\n"; !strings.Contains(s.shown(), want) {
		t.Errorf("the screen lacks %q:\n%s", want, s.shown())
	}
}

func TestAWrongPathIsExplainedAndAskedAgain(t *testing.T) {
	quickFolder(t)
	if err := os.Mkdir("my bundles", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"primary.zip", "secondary.zip"} {
		if err := os.Rename(name, filepath.Join("my bundles", name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("notes.zip", []byte("no archive"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := inTerminal(t, 80, nil, "init", "--no-drill")
	s.types("Path of the primary bundle:", enter)
	s.sees("no path was given")
	s.types("Path of the primary bundle:", "nowhere.zip"+enter)
	s.sees("not usable  nowhere.zip: there is no such file")
	s.types("Path of the primary bundle:", "no"+tab+enter)
	s.sees("not usable  notes.zip: ")
	s.types("Path of the primary bundle:", `'my bundles/primary.zip' `+enter) // dropped
	s.types("Path of the secondary bundle:", `my\ bundles/primary.zip`+enter)
	s.sees("clusters 1 and 2 are the same")
	s.types("Path of the secondary bundle:", "my"+tab+"s"+tab+enter)
	s.follows(append([]step(nil), happy[2:]...)[:6])
	s.types("Write these files?", enter)
	s.exits(0)
}

// What stands above a question stays where the answer is wider than the terminal, and
// where Tab lists how a path can go on.
func TestAWideAnswerErasesNothingAboveIt(t *testing.T) {
	quickFolder(t)
	folder := strings.Repeat("a long name ", 10) + "of a folder"
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"primary.zip", "secondary.zip"} {
		if err := os.Rename(name, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := inTerminal(t, 60, nil, "init")
	s.types("Path of the primary bundle:", "nowhere.zip"+enter)
	s.types("Path of the primary bundle:", "a"+tab+tab)
	s.sees("secondary.zip\r\n")
	s.types("Path of the primary bundle:", "p"+tab+enter)
	s.types("Path of the secondary bundle:", "'"+folder+"/secondary.zip'"+enter)
	s.types("Another secondary?", ctrlC)
	s.exits(130)
	unwrapped := strings.ReplaceAll(s.shown(), "\n", "")
	for _, want := range []string{
		"or the directory unpacked from one",
		"  primary.zip  secondary.zip? Path of the primary bundle: " + folder + "/primary.zip  cluster    pr-1234",
		`trusts     RSA-2048, "ca", 36200 days left? Path of the secondary bundle: '` + folder + "/secondary.zip'  cluster    pr-5678",
	} {
		if !strings.Contains(unwrapped, want) {
			t.Errorf("the screen lacks %q:\n%s", want, s.shown())
		}
	}
}

func TestAWrongPasswordIsAskedForMasked(t *testing.T) {
	data := quickFolder(t)
	packBundle(t, data, "secondary.zip", "pr-5678", "6f7a8b9c0d1", "YOUR_SSL_PASSWORD")
	s := inTerminal(t, 80, nil, "init", "--no-drill")
	s.types("Primary bundle:", enter)
	s.types("Secondary bundle:", enter)
	s.sees("YOUR_SSL_PASSWORD is not filled in")
	s.types("Password of the keystore:", "wrong"+enter)
	s.sees("(password from your answer)")
	s.types("Password of client.keystore:", "6f7a8b9c0d1"+enter)
	s.sees("pr-5678")
	s.follows(append([]step(nil), happy[2:]...)[:6])
	s.types("Write these files?", enter)
	s.exits(0)
	if strings.Contains(s.said.String(), "6f7a8b9c0d1") || !strings.Contains(s.shown(), "Password of client.keystore: ***********\n") {
		t.Errorf("the password is not masked:\n%s", s.shown())
	}
	if want := "FAILOVER_2_KEYSTORE_PASSWORD_FILE=FILE \\\n    FAILOVER_2_TRUSTSTORE_PASSWORD_FILE=FILE \\\n    failover-gen generate"; !strings.Contains(s.shown(), want) {
		t.Errorf("the screen lacks %q:\n%s", want, s.shown())
	}
	env, err := os.ReadFile("orders/.env")
	if err != nil || !strings.Contains(string(env), "FAILOVER_2_KEYSTORE_PASSWORD='6f7a8b9c0d1'") {
		t.Errorf("%v: .env lacks the password", err)
	}
	given := map[string]string{"FAILOVER_2_KEYSTORE_PASSWORD": "6f7a8b9c0d1", "FAILOVER_2_TRUSTSTORE_PASSWORD": "6f7a8b9c0d1"}
	if r := run(t, given, "generate", "--primary", "primary.zip", "--secondary", "secondary.zip", "--out", "orders"); r.code != 0 || !strings.Contains(r.stdout, "nothing to change") {
		t.Errorf("the same without questions: %+v", r)
	}
}

// Whatever question stands on the screen: Ctrl-C and Ctrl-D leave, nothing is
// written, and the terminal is as it was.
func TestInitIsLeftAtEachQuestion(t *testing.T) {
	data := quickFolder(t)
	packBundle(t, data, "secondary.zip", "pr-5678", "6f7a8b9c0d1", "YOUR_SSL_PASSWORD")
	steps := append([]step(nil), happy[:2]...)
	steps = append(steps, step{"Password of the keystore:", "6f7a8b9c0d1" + enter})
	steps = append(steps, happy[2:]...)
	steps = append([]step{{"Primary bundle:", up + enter}, {"Path of the primary bundle:", "primary.zip" + enter}}, steps[1:]...)
	for i, at := range steps {
		for name, key := range map[string]string{"Ctrl-C": ctrlC, "Ctrl-D": ctrlD} {
			t.Run(at.question+" "+name, func(t *testing.T) {
				s := inTerminal(t, 80, nil, "init")
				s.follows(steps[:i])
				s.types(at.question, key)
				s.exits(130)
				if !strings.HasSuffix(s.shown(), "\ncancelled; run it again\n") {
					t.Errorf("the screen shows\n%s", s.shown())
				}
				nothingWritten(t, ".", "primary.zip", "secondary.zip")
			})
		}
	}
}

// In the folder of a project its answers are the defaults. The difference is shown
// before it is written, and a no leaves all as it is.
func TestInitShowsTheDifferenceToAProject(t *testing.T) {
	quickFolder(t)
	if r := run(t, nil, "generate", "--primary", "primary.zip", "--secondary", "secondary.zip", "--out", "orders", "--failback", "auto"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	t.Chdir("orders")
	before, err := os.ReadFile("failover.yaml")
	if err != nil {
		t.Fatal(err)
	}
	steps := []step{{"Primary bundle:", enter}, {"Secondary bundle:", enter}, {"Another secondary?", enter}, {"Module path:", enter}, {"Standby:", down + enter}, {"Failback:", enter}, {"Secrets:", enter}}
	s := inTerminal(t, 120, nil, "init")
	s.follows(append(steps, step{"Write these files?", up + enter}))
	s.exits(0)
	for _, want := range []string{"There is a project in .: its answers", "-  standby: warm", "+  standby: cold", "  update   clusters.go\n", "? Failback: auto: ", "\nnothing was written\n"} {
		if !strings.Contains(s.shown(), want) {
			t.Errorf("the screen lacks %q:\n%s", want, s.shown())
		}
	}
	if after, _ := os.ReadFile("failover.yaml"); string(after) != string(before) {
		t.Error("failover.yaml has changed")
	}
	steps[4].answer = enter
	s = inTerminal(t, 120, nil, "init", "--no-drill")
	s.follows(steps)
	s.exits(0)
	if !strings.Contains(s.shown(), "\n.: nothing to change\n") {
		t.Errorf("the same answers change something:\n%s", s.shown())
	}
}

// NO_COLOR and --no-color leave nothing but what moves the cursor. Each run is a
// process of its own, since survey v2.3.7 remembers its first colours for good.
func TestInitHasNoColoursWhereNoneAreWanted(t *testing.T) {
	for name, c := range map[string]struct {
		env, args []string
		colours   bool
	}{
		"as usual":   {[]string{"TERM=xterm", "NO_COLOR="}, []string{"init"}, true},
		"NO_COLOR":   {[]string{"TERM=xterm", "NO_COLOR=1"}, []string{"init"}, false},
		"--no-color": {[]string{"TERM=xterm", "NO_COLOR="}, []string{"init", "--no-color"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			quickFolder(t)
			s, cmd := inOwnTerminal(t, c.env, c.args...)
			s.answers("another path", ctrlC)
			_, _ = s.user.ExpectEOF()
			_ = cmd.Wait()
			if got := regexp.MustCompile(`\x1b\[[0-9;]*m`).MatchString(s.said.String()); got != c.colours {
				t.Errorf("colours %v, want %v: %q", got, c.colours, s.said.String())
			}
		})
	}
}
