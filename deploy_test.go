package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"go.yaml.in/yaml/v3"
)

// forBothKinds runs a test on a new project of each kind. Both are called orders.
func forBothKinds(t *testing.T, test func(t *testing.T, project, bin string)) {
	t.Run("hazelcast", func(t *testing.T) {
		project, bin := newProject(t)
		test(t, project, bin)
	})
	t.Run("webservice", func(t *testing.T) {
		project, bin := newService(t)
		test(t, project, bin)
	})
}

// buildContext copies what docker would see of a project: all that .dockerignore
// does not name.
func buildContext(t *testing.T, project string) string {
	t.Helper()
	ignore, err := os.Open(filepath.Join(project, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	defer ignore.Close()
	patterns, err := ignorefile.ReadAll(ignore)
	if err != nil {
		t.Fatal(err)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	err = filepath.WalkDir(project, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		relative, _ := filepath.Rel(project, name) // it lies in project
		if ignored, err := matcher.MatchesOrParentMatches(relative); err != nil || ignored {
			return err
		}
		data, err := os.ReadFile(name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(to, relative)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, relative), data, 0o644)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// instructions are the lines of a Dockerfile that continues none.
func instructions(t *testing.T, project string) (list [][2]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(project, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			name, rest, _ := strings.Cut(line, " ")
			list = append(list, [2]string{name, rest})
		}
	}
	return list
}

func TestNoSecretIsInTheBuildContext(t *testing.T) { forBothKinds(t, noSecretIsInTheBuildContext) }

func noSecretIsInTheBuildContext(t *testing.T, project, bin string) {
	inShell(t, project, bin, "mkdir -p deep resources && touch resources/client2.keystore deep/key.pem && cp .env .env.production && cp .env deep/.env")
	if strings.Contains(inShell(t, project, bin, "ls resources"), "client.keystore") {
		inShell(t, project, bin, "cp resources/client.keystore deep/")
	}
	context := buildContext(t, project)
	left := strings.Fields(inShell(t, context, "", "find . -name '.env*' -o -name '*.keystore' -o -name '*.truststore' -o -name '*.pem' -o -name resources -o -name .written"))
	if len(left) > 0 {
		t.Errorf("the build sees %q", left)
	}
	if _, err := os.Stat(filepath.Join(context, "main.go")); err != nil {
		t.Error(err)
	}
}

// The Dockerfile's instructions are followed as far as that goes without Docker:
// what is copied is there, what is run runs, and the health command passes.
func TestTheDockerfileBuildsAndChecks(t *testing.T) {
	t.Parallel()
	forBothKinds(t, theDockerfileBuildsAndChecks)
}

func theDockerfileBuildsAndChecks(t *testing.T, project, _ string) {
	context, image := buildContext(t, project), t.TempDir()
	var from, user string
	var home, health []string
	for _, in := range instructions(t, project) {
		name, rest := in[0], in[1]
		switch name {
		case "FROM":
			if from = rest; from != "scratch" && !strings.HasSuffix(from, " AS build") {
				t.Errorf("FROM %s", from)
			}
			if version, ok := strings.CutPrefix(from, "golang:"); ok {
				version, _, _ = strings.Cut(version, " ")
				if mod, err := os.ReadFile(filepath.Join(project, "go.mod")); err != nil || !strings.Contains(string(mod), "\ngo "+version+".") {
					t.Errorf("the image has Go %s, but go.mod wants another: %v", version, err)
				}
			}
		case "COPY":
			words := strings.Fields(rest)
			if words[0] == "--from=build" {
				continue
			}
			for _, source := range words[:len(words)-1] {
				if _, err := os.Stat(filepath.Join(context, source)); err != nil {
					t.Errorf("COPY %s: %v", rest, err)
				}
			}
		case "RUN":
			inShell(t, context, "", strings.Replace(rest, "-o /app", "-o '"+image+"/app'", 1))
		case "ENV":
			home = append(home, rest)
		case "USER":
			user = rest
		case "HEALTHCHECK":
			_, command, _ := strings.Cut(rest, "CMD ")
			if err := json.Unmarshal([]byte(command), &health); err != nil {
				t.Errorf("HEALTHCHECK %s: %v", rest, err)
			}
		case "WORKDIR", "ENTRYPOINT":
		default:
			t.Errorf("this test does not know %s", name)
		}
	}
	if from != "scratch" || user == "" || strings.HasPrefix(user, "0") || strings.Join(home, " ") != "FAILOVER_HOME=/etc/failover" || strings.Join(health, " ") != "/app -check" {
		t.Errorf("from %q, user %q, environment %q, health %q", from, user, home, health)
	}
	check := exec.Command(filepath.Join(image, "app"), "-check")
	check.Dir, check.Env = image, []string{"FAILOVER_HOME=" + project}
	if out, err := check.CombinedOutput(); err != nil || !strings.Contains(string(out), "no fault was found") {
		t.Errorf("-check: %v\n%s", err, out)
	}
	if out, err := exec.Command("go", "version", "-m", filepath.Join(image, "app")).CombinedOutput(); err != nil || !strings.Contains(string(out), "CGO_ENABLED=0") {
		t.Errorf("the program is not static: %v\n%s", err, out)
	}
}

// deploySection returns the commands and the YAML of "Deploy" in a project's README.
func deploySection(t *testing.T, project string) (commands []string, deployment string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(project, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Deploy\n")
	section, _, _ = strings.Cut(section, "\n## ")
	inYAML := false
	for line := range strings.Lines(section) {
		line, ok := strings.CutPrefix(line, "    ")
		inYAML = ok && (inYAML || strings.HasPrefix(line, "apiVersion:"))
		switch {
		case inYAML:
			deployment += line
		case ok:
			commands = append(commands, strings.TrimSpace(line))
		}
	}
	return commands, deployment
}

// deployment is what of a Deployment must fit to the project and its Secrets.
type deployment struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		Selector struct {
			MatchLabels map[string]string `yaml:"matchLabels"`
		}
		Template struct {
			Metadata struct{ Labels map[string]string }
			Spec     struct {
				Containers []struct {
					Args         []string
					VolumeMounts []struct {
						Name      string
						MountPath string `yaml:"mountPath"`
						SubPath   string `yaml:"subPath"`
					} `yaml:"volumeMounts"`
				}
				Volumes []struct {
					Name   string
					Secret struct {
						SecretName string `yaml:"secretName"`
					}
				}
			}
		}
	}
}

// secretsOf lists what of a project is mounted: .env, and resources/ if that holds
// stores.
func secretsOf(t *testing.T, project string) []string {
	t.Helper()
	stores, err := filepath.Glob(filepath.Join(project, "resources", "client*"))
	if err == nil {
		_, err = os.Stat(filepath.Join(project, ".env"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(stores) == 0 {
		return []string{".env"}
	}
	return []string{".env", "resources"}
}

// What "Deploy" in the README has Kubernetes make and mount is what the program
// looks for in FAILOVER_HOME.
func TestDeploymentMountsWhatTheProgramReads(t *testing.T) {
	forBothKinds(t, deploymentMountsWhatTheProgramReads)
}

func deploymentMountsWhatTheProgramReads(t *testing.T, project, _ string) {
	commands, text := deploySection(t, project)
	var d deployment
	if err := yaml.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	pod := d.Spec.Template.Spec
	if d.Kind != "Deployment" || d.Metadata.Name != "orders" || d.Spec.Selector.MatchLabels["app"] != d.Spec.Template.Metadata.Labels["app"] || len(pod.Containers) != 1 {
		t.Fatalf("%+v", d)
	}
	all := strings.Join(commands, "\n")
	secretOf := make(map[string]string)
	for _, v := range pod.Volumes {
		secretOf[v.Name] = v.Secret.SecretName
	}
	mounted := make(map[string]string)
	for _, m := range pod.Containers[0].VolumeMounts {
		mounted[strings.TrimPrefix(m.MountPath, "/etc/failover/")] = secretOf[m.Name]
	}
	for _, name := range secretsOf(t, project) {
		if !strings.Contains(all, "kubectl create secret generic "+mounted[name]+" --from-file="+name+"\n") {
			t.Errorf("no command makes the Secret %q of %s:\n%s", mounted[name], name, all)
		}
	}
	for _, c := range commands {
		if at := strings.Index(c, "deployment/"); at >= 0 && strings.Fields(c[at:])[0] != "deployment/"+d.Metadata.Name {
			t.Errorf("%s: the deployment is %s", c, d.Metadata.Name)
		}
	}
}

// withoutServer lets kubectl do what it does without a cluster: it makes Secrets and
// only prints them, and explains the other commands. docker does nothing.
const withoutServer = `docker() { :; }
kubectl() {
  case "$1 $2" in
  "create secret") command kubectl "$@" --dry-run=client -o yaml; echo --- ;;
  *) command kubectl "$1" --help >/dev/null ;;
  esac
}
`

func TestKubectlTakesTheCommands(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("kubectl"); err != nil {
		if os.Getenv("FAILOVER_REQUIRE_KUBECTL") != "" {
			t.Fatal("FAILOVER_REQUIRE_KUBECTL is set, but there is no kubectl: ", err)
		}
		t.Skip("there is no kubectl here; CI requires it with FAILOVER_REQUIRE_KUBECTL=1")
	}
	forBothKinds(t, kubectlTakesTheCommands)
}

func kubectlTakesTheCommands(t *testing.T, project, bin string) {
	commands, _ := deploySection(t, project)
	if len(commands) < 8 {
		t.Errorf("only %d commands were found", len(commands))
	}
	made := make(map[string]map[string]string)
	for document := range strings.SplitSeq(inShell(t, project, bin, withoutServer+strings.Join(commands, "\n")), "---\n") {
		var secret struct {
			Metadata struct{ Name string }
			Data     map[string]string
		}
		if err := yaml.Unmarshal([]byte(document), &secret); err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		if secret.Data != nil {
			made[secret.Metadata.Name] = secret.Data
		}
	}
	want := map[string]string{"orders-env .env": ".env"}
	for _, folder := range secretsOf(t, project)[1:] {
		for _, store := range []string{"client.keystore", "client2.truststore"} {
			want["orders-stores "+store] = filepath.Join(folder, store)
		}
	}
	for name, file := range want {
		secret, key, _ := strings.Cut(name, " ")
		want, err := os.ReadFile(filepath.Join(project, file))
		got, wrong := base64.StdEncoding.DecodeString(made[secret][key])
		if err != nil || wrong != nil || !bytes.Equal(got, want) {
			t.Errorf("the Secret %s does not hold %s: %v, %v", secret, file, err, wrong)
		}
	}
}
