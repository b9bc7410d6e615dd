package bundle

import (
	"archive/tar"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
)

// sample is a public repository of sample clients, and patterns that find its values
// without any knowledge of the language. Each pattern has one group.
type sample struct {
	name, form string
	source     *regexp.Regexp
	comment    string // how a line starts that is commented out
	values     map[string]*regexp.Regexp
}

const quoted = `["']([^"']*)["']`

var samples = []sample{
	{"python", "python", regexp.MustCompile(`\.py$`), "#", map[string]*regexp.Regexp{
		"name":     regexp.MustCompile(`(?:cluster_name|group_config\.name) ?= ?` + quoted),
		"token":    regexp.MustCompile(`discovery_token ?= ?` + quoted),
		"url":      regexp.MustCompile(`(?:_CLOUD_URL_BASE = |cloud\.url", )` + quoted),
		"group":    regexp.MustCompile(`group_config\.password = ` + quoted),
		"password": regexp.MustCompile(`ssl_(?:config\.)?password ?= ?` + quoted),
		"ca":       regexp.MustCompile(`cafile ?= ?[a-z.]+\(` + quoted),
		"cert":     regexp.MustCompile(`certfile ?= ?[a-z.]+\(` + quoted),
		"key":      regexp.MustCompile(`keyfile ?= ?[a-z.]+\(` + quoted),
	}},
	{"nodejs", "node", regexp.MustCompile(`\.js$`), "//", map[string]*regexp.Regexp{
		"name":     regexp.MustCompile(`(?:clusterName:|groupConfig\.name =) ` + quoted),
		"token":    regexp.MustCompile(`discoveryToken(?:: | = )["']([^"' ]*) ?["']`),
		"url":      regexp.MustCompile(`cloud\.url'(?:: |\] = )` + quoted),
		"group":    regexp.MustCompile(`groupConfig\.password = ` + quoted),
		"password": regexp.MustCompile(`passphrase: ` + quoted),
		"ca":       regexp.MustCompile(`["'/](ca\.pem)["'` + "`]"),
		"cert":     regexp.MustCompile(`["'/](cert\.pem)["'` + "`]"),
		"key":      regexp.MustCompile(`["'/](key\.pem)["'` + "`]"),
		"server":   regexp.MustCompile(`servername: ` + quoted),
	}},
	{"go", "go", regexp.MustCompile(`\.go$`), "//", map[string]*regexp.Regexp{
		"name":     regexp.MustCompile(`(?:Cluster\.Name = |SetName\()` + quoted),
		"token":    regexp.MustCompile(`(?:Cloud\.Token = |SetDiscoveryToken\()` + quoted),
		"url":      regexp.MustCompile(`(?:COORDINATOR_BASE_URL|cloud\.url)", ` + quoted),
		"group":    regexp.MustCompile(`SetPassword\(` + quoted),
		"password": regexp.MustCompile(`EncryptedKeyPath\(\w+, \w+, ` + quoted),
		"ca":       regexp.MustCompile(`"\./(ca\.pem)"`),
		"cert":     regexp.MustCompile(`"\./(cert\.pem)"`),
		"key":      regexp.MustCompile(`"\./(key\.pem)"`),
		"server":   regexp.MustCompile(`ServerName(?: =|:) ` + quoted),
	}},
	{"csharp", "dotnet", regexp.MustCompile(`\.cs$`), "//", map[string]*regexp.Regexp{
		"name":          regexp.MustCompile(`(?:ClusterName = |SetName\()` + quoted),
		"token":         regexp.MustCompile(`DiscoveryToken(?: = |\()` + quoted),
		"url":           regexp.MustCompile(`(?:Cloud\.Url = (?:new Uri\()?|cloud\.url", )` + quoted),
		"group":         regexp.MustCompile(`SetPassword\(` + quoted),
		"keystore":      regexp.MustCompile(`Certificate(?:Path = |FilePath, )` + quoted),
		"storePassword": regexp.MustCompile(`CertificatePassword(?: = |, )` + quoted),
	}},
	{"cpp", "cpp", regexp.MustCompile(`\.cpp$`), "//", map[string]*regexp.Regexp{
		"name":     regexp.MustCompile(`set_cluster_name\(` + quoted),
		"token":    regexp.MustCompile(`discovery_token = ` + quoted),
		"url":      regexp.MustCompile(`CLOUD_URL_BASE,\s*` + quoted),
		"password": regexp.MustCompile(`set_password_callback\([^"]*return ` + quoted),
		"ca":       regexp.MustCompile(`load_verify_file\(` + quoted),
		"cert":     regexp.MustCompile(`use_certificate_file\(` + quoted),
		"key":      regexp.MustCompile(`use_private_key_file\(` + quoted),
	}},
}

// filled are made-up values for the placeholders of the templates.
var filled = map[string]string{
	"YOUR_CLUSTER_NAME": "pr-0a1b2c3d", "YOUR_CLUSTER_PASSWORD": "4f5e6d7c8b9", "YOUR_CLUSTER_DISCOVERY_TOKEN": strings.Repeat("aB3dE", 10),
	"YOUR_DISCOVERY_TOKEN": strings.Repeat("fG7hI", 10), "YOUR_DISCOVERY_URL": "https://api.example.com", "YOUR_SSL_PASSWORD": "0123456789a",
	"YOUR_TLS_PASSWORD": "a9876543210", "CLIENT_PFX_CERTIFICATE_PATH": "client.pfx", "CLIENT_PFX_CERTIFICATE_PASSWORD": "b1234567890",
}

// TestPublicSamples reads each version of the console's public sample clients, with
// the placeholders filled in, and compares what is read with what patterns find. It
// needs FAILOVER_SAMPLES, a folder with the git repositories
// hazelcast-cloud-*-sample-client, and prints a table. Their files are not kept.
func TestPublicSamples(t *testing.T) {
	folder := os.Getenv("FAILOVER_SAMPLES")
	if folder == "" {
		t.Skip("FAILOVER_SAMPLES names no folder with the public repositories")
	}
	table := "| language | commits | distinct | read | refused | misread |\n|---|---|---|---|---|---|\n"
	for _, s := range samples {
		list, err := filepath.Glob(filepath.Join(folder, "*hazelcast-cloud-"+s.name+"-sample-client*"))
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: repositories %v, %v", s.name, list, err)
		}
		repository := list[0]
		if inner := filepath.Join(repository, "repo"); exists(inner) {
			repository = inner
		}
		table += s.readAll(t, repository)
	}
	t.Log("\n" + table)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// readAll reads each commit of a repository and gives the line of the table.
func (s *sample) readAll(t *testing.T, repository string) string {
	t.Helper()
	commits := strings.Fields(string(git(t, repository, "log", "--all", "--format=%H")))
	trees := map[string]bool{}
	read, misread := 0, 0
	refused := map[string]int{}
	known := map[string]string{} // outcomes by tree
	for _, commit := range commits {
		tree := string(git(t, repository, "rev-parse", commit+"^{tree}"))
		outcome, again := known[tree]
		if !again {
			outcome = s.readOne(t, commit, s.checkout(t, repository, commit))
			known[tree], trees[tree] = outcome, true
		}
		switch {
		case outcome == "":
			read++
		case strings.HasPrefix(outcome, "misread"):
			misread++
			t.Errorf("%s %.10s: %s", s.name, commit, outcome)
		default:
			refused[outcome]++
		}
	}
	var why []string
	n := 0
	for _, reason := range slices.Sorted(maps.Keys(refused)) {
		n += refused[reason]
		why = append(why, fmt.Sprintf("%d: %s", refused[reason], reason))
	}
	return fmt.Sprintf("| %s | %d | %d | %d | %d %s | %d |\n", s.name, len(commits), len(trees), read, n, strings.Join(why, "<br>"), misread)
}

// readOne reads one version from a folder, a zip and a tar.gz. It gives "" where all
// values are right, why it is refused, or "misread" and what is wrong.
func (s *sample) readOne(t *testing.T, commit string, files []txtar.File) string {
	t.Helper()
	var outcomes []string
	for _, path := range []string{corpus.Dir(t, files), corpus.File(t, corpus.Zip(t, corpus.In("top/", files))), corpus.File(t, corpus.Tar(t, nil, files))} {
		b, err := Read(path)
		if err != nil {
			outcomes = append(outcomes, strings.NewReplacer(path+"/", "", path+"!top/", "", path+"!", "", path, "BUNDLE", "top/", "").Replace(err.Error()))
			continue
		}
		outcomes = append(outcomes, s.compare(b, files))
	}
	if outcomes[0] != outcomes[1] || outcomes[0] != outcomes[2] {
		return fmt.Sprintf("misread: not the same from a folder, a zip and a tar.gz: %q", outcomes)
	}
	first, _, _ := strings.Cut(outcomes[0], "\n")
	return first
}

// compare compares what was read with what the patterns find in the sources with TLS,
// or in all where none has TLS.
func (s *sample) compare(b *Bundle, files []txtar.File) string {
	if len(b.Clusters) != 1 || b.Form != s.form {
		return fmt.Sprintf("misread: %d clusters, form %s", len(b.Clusters), b.Form)
	}
	want := s.expected(files)
	c := &b.Clusters[0]
	got := map[string]string{"name": c.Name.Text, "token": c.Token.Reveal(), "url": strings.TrimPrefix(c.DiscoveryURL.Text, "https://"), "group": c.Password.Reveal(),
		"password": c.KeyPassword.Reveal(), "server": c.ServerName.Text, "storePassword": c.KeystorePassword.Reveal()}
	for key, store := range map[string]*Store{"ca": c.CA, "cert": c.Cert, "key": c.Key, "keystore": c.Keystore} {
		if store != nil {
			got[key] = filepath.Base(store.Inner)
		}
	}
	for key, text := range got {
		if cmp.Or(want[key], "") != text {
			return fmt.Sprintf("misread: %s is %q, the patterns find %q", key, text, want[key])
		}
	}
	return ""
}

func (s *sample) expected(files []txtar.File) map[string]string {
	tls := regexp.MustCompile(`(?m)^[^#\n]*(ca\.pem|client\.pfx)|ssl_enabled|ssl_config|SSLConfig\(\)\.SetEnabled\(true`)
	want := map[string]string{}
	for _, needsTLS := range []bool{true, false} {
		for _, f := range files {
			text := s.code(f)
			if text == "" || needsTLS && !tls.MatchString(text) {
				continue
			}
			for key, pattern := range s.values {
				if m := pattern.FindStringSubmatch(text); m != nil && want[key] == "" {
					want[key] = strings.TrimPrefix(m[1], "https://")
				}
			}
		}
		if want["name"] != "" {
			return want
		}
	}
	return want
}

// code gives a source without the lines that are commented out.
func (s *sample) code(f txtar.File) string {
	if !s.source.MatchString(f.Name) || strings.Contains(f.Name, "node_modules/") {
		return ""
	}
	var b strings.Builder
	for line := range strings.Lines(string(f.Data)) {
		if !strings.HasPrefix(strings.TrimSpace(line), s.comment) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// checkout gives the files of a commit, filled in, with the stores that the console adds.
func (s *sample) checkout(t *testing.T, repository, commit string) []txtar.File {
	t.Helper()
	files := []txtar.File{{Name: "ca.pem", Data: []byte("ca")}, {Name: "cert.pem", Data: []byte("cert")}, {Name: "key.pem", Data: []byte("key")}, {Name: "client.pfx", Data: []byte("keys")}}
	if s.name == "csharp" {
		files = files[3:]
	}
	placeholder := regexp.MustCompile(`YOUR_[A-Z_]+|CLIENT_PFX_CERTIFICATE_[A-Z]+`)
	r := tar.NewReader(bytes.NewReader(git(t, repository, "archive", "--format=tar", commit)))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg || strings.HasPrefix(h.Name, "node_modules/") || slices.ContainsFunc(files, func(f txtar.File) bool { return f.Name == h.Name }) {
			continue
		}
		data = placeholder.ReplaceAllFunc(data, func(name []byte) []byte {
			text, ok := filled[string(name)]
			if !ok {
				t.Fatalf("%s %s: no value for %s", s.name, commit, name)
			}
			if s.name == "python" {
				text = strings.TrimPrefix(text, "https://")
			}
			return []byte(text)
		})
		files = append(files, txtar.File{Name: h.Name, Data: data})
	}
}

func git(t *testing.T, repository string, arguments ...string) []byte {
	t.Helper()
	out, err := exec.Command("git", append([]string{"-C", repository}, arguments...)...).Output()
	if err != nil {
		t.Fatalf("git %s: %v", arguments[0], err)
	}
	return out
}
