//go:build unix

package golden

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

func wholeCase(t *testing.T) *testCase {
	t.Helper()
	c, err := readCase(filepath.Join("testdata", "cases", wholeProject+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A project, a report in JSON and one as text are the same bytes in the last
// time zone, under a narrow umask, and in a folder with an unusual name.
func TestSameBytesAnywhere(t *testing.T) {
	far := world{"an ordinary folder/où $HOME 'n' #1", []string{"TZ=Pacific/Kiritimati", "LANG=fr_FR.UTF-8", "LC_ALL=fr_FR.UTF-8", settingUmask + "=077"}}
	for _, name := range []string{wholeProject, "generate-three-clusters", "generate-again-after-edit", "inspect-bundle-json", "inspect-keystore"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := readCase(filepath.Join("testdata", "cases", name+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			got, _ := c.run(t, far)
			if different, _ := c.compare(got); different != "" {
				t.Error(different)
			}
		})
	}
}

// A case fails for a file too many, a file too few, a file that was written again
// and one whose mode or content is another.
func TestCasesFailForAnyDifference(t *testing.T) {
	c := &testCase{want: result{
		tree:  "+ -rw-r--r-- a\n= -rw------- b\n",
		files: []txtar.File{{Name: "a", Data: []byte("x\n")}},
	}}
	same := result{tree: c.want.tree, files: []txtar.File{{Name: "a", Data: []byte("x\n")}, {Name: "b", Data: []byte("y\n")}}}
	if different, _ := c.compare(same); different != "" {
		t.Errorf("the same is said to be different:\n%s", different)
	}
	for what, change := range map[string]func(*result){
		"output":          func(r *result) { r.stdout = "x\n" },
		"error":           func(r *result) { r.stderr = "x\n" },
		"exit code":       func(r *result) { r.exit = 1 },
		"unexpected file": func(r *result) { r.tree += "+ -rw-r--r-- c\n" },
		"missing file":    func(r *result) { r.tree, r.files = "= -rw------- b\n", r.files[1:] },
		"file written":    func(r *result) { r.tree = strings.Replace(r.tree, "=", "~", 1) },
		"file readable":   func(r *result) { r.tree = strings.Replace(r.tree, "-rw-------", "-rw-r--r--", 1) },
		"other content":   func(r *result) { r.files = []txtar.File{{Name: "a", Data: []byte("z\n")}, r.files[1]} },
		"file not shown":  nil,
	} {
		got := same
		if change != nil {
			change(&got)
		}
		c.whole = change == nil
		if different, _ := c.compare(got); different == "" {
			t.Errorf("%s: no difference is found", what)
		}
	}
}

// literal is a text in Java.
const literal = `\s*"((?:[^"\\]|\\.)*)"`

// secretSpellings are the places of secrets in Java sources and in commands.
var secretSpellings = []*regexp.Regexp{
	regexp.MustCompile(`StorePassword",` + literal),
	regexp.MustCompile(`setDiscoveryToken\(` + literal),
	regexp.MustCompile(`DISCOVERY_TOKEN\.getName\(\),` + literal),
	regexp.MustCompile(`new (?:GroupConfig|UsernamePasswordCredentials)\("[^"]*",` + literal),
	regexp.MustCompile(`_PASSWORD=(\S+)`),
	regexp.MustCompile(`zooKeeperPassword" value="([^"$]+)"`), // and not a variable
	regexp.MustCompile(`\d\.(?:token|\w*[pP]assword)=(\S+)`),
	regexp.MustCompile(`[?&]token=([^"'&\s]+)`),
	regexp.MustCompile(`//\w+:([^"'\s]+)@`),
}

// secretsOf finds the passwords and tokens that a case gives.
func secretsOf(t *testing.T, c *testCase) []string {
	t.Helper()
	files, err := expand(c.given)
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, txtar.File{Data: []byte(strings.Join(c.cmd, "\n"))})
	var secrets []string
	for _, f := range files {
		for _, spelling := range secretSpellings {
			for _, match := range spelling.FindAllSubmatch(f.Data, -1) {
				secret, err := strconv.Unquote(`"` + string(match[1]) + `"`)
				if err != nil {
					secret = string(match[1])
				}
				if secret != "" && !strings.HasPrefix(secret, "YOUR_") {
					secrets = append(secrets, secret)
				}
			}
		}
	}
	slices.Sort(secrets)
	return slices.Compact(secrets)
}

// leaks names where got shows one of the secrets, which only .env may.
func leaks(got result, secrets []string) []string {
	places := append([]txtar.File{{Name: sectionStdout, Data: []byte(got.stdout)}, {Name: sectionStderr, Data: []byte(got.stderr)}}, got.files...)
	var found []string
	for _, f := range places {
		for _, secret := range secrets {
			if strings.Contains(string(f.Data), secret) {
				found = append(found, f.Name)
			}
		}
	}
	return slices.Compact(found)
}

// noSecrets holds each case to it that no output and no file shows a secret.
func noSecrets(t *testing.T, c *testCase, got result) {
	t.Helper()
	for _, place := range leaks(got, secretsOf(t, c)) {
		if path.Base(place) != ".env" && !given(c, place) {
			t.Errorf("a password or token of the inputs is in %s", place)
		}
	}
}

// given reports whether a file is the case's own, changed since by its commands.
func given(c *testCase, name string) bool {
	files, _ := expand(c.given)
	return slices.ContainsFunc(files, func(f txtar.File) bool { return f.Name == name })
}

// What the cases are searched with finds secrets where they are.
func TestSecretsAreFoundWhereTheyAre(t *testing.T) {
	c := wholeCase(t)
	secrets := secretsOf(t, c)
	if len(secrets) != 4 { // a token and a password of each bundle
		t.Errorf("%d secrets are known of two bundles, want 4", len(secrets))
	}
	for _, secret := range secrets {
		got := result{files: c.want.files, stdout: "x" + secret + "y"}
		if found := leaks(got, []string{secret}); !slices.Equal(found, []string{sectionStdout, "orders/.env"}) {
			t.Errorf("a secret is found in %q, want in stdout and orders/.env", found)
		}
	}
}

// inProject runs a tool in a project as a user does who has the modules and no
// network. Flags that Go's build cache tells apart, such as -trimpath, would
// compile the standard library a second time.
func inProject(dir, tool string, args ...string) ([]byte, error) {
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	// One case has a folder that looks like a repository and is not one.
	flags := strings.TrimSpace(os.Getenv("GOFLAGS") + " -mod=readonly -buildvcs=false")
	cmd.Env = append(os.Environ(), "GOFLAGS="+flags, "GOPROXY=off", "GOWORK=off")
	return cmd.CombinedOutput()
}

// A project of a web service is formatted, builds, and passes its own tests.
func TestGeneratedServiceIsInOrder(t *testing.T) {
	t.Parallel()
	c, err := readCase(filepath.Join("testdata", "cases", "generate-webservice-spring.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	_, work := c.run(t, home)
	inOrder(t, filepath.Join(work, "foo"))
}

// The project that the whole-tree case shows is formatted, builds, and passes
// its own tests. The script .ci/lint vets such a project.
func TestGeneratedProjectIsInOrder(t *testing.T) {
	t.Parallel()
	work := t.TempDir()
	files, err := expand(wholeCase(t).want.files)
	if err != nil {
		t.Fatal(err)
	}
	if err := give(work, files); err != nil {
		t.Fatal(err)
	}
	inOrder(t, filepath.Join(work, "orders"))
}

// inOrder holds a project to be formatted, to build, and to pass its own tests.
func inOrder(t *testing.T, dir string) {
	t.Helper()
	if out, err := inProject(dir, "gofmt", "-l", "."); err != nil || len(out) > 0 {
		t.Errorf("gofmt -l: %v\n%s", err, out)
	}
	if out, err := inProject(dir, "go", "test", "./..."); err != nil {
		t.Errorf("go test: %v\n%s", err, out)
	}
}
