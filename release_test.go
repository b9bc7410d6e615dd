package main

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func hasCRLF(text []byte) bool { return bytes.Contains(text, []byte("\r\n")) }

// aClone clones the last commit of this repository.
func aClone(t *testing.T, flags string) string {
	t.Helper()
	needsGit(t)
	if _, err := os.Stat(".git"); err != nil {
		t.Skip("this folder is not a clone of the repository: ", err)
	}
	dir := filepath.Join(t.TempDir(), "clone")
	inShell(t, ".", "", "git clone -q "+flags+" . '"+dir+"'")
	return dir
}

// Golden files and templates are compared byte by byte on any machine.
func TestOurOwnFilesKeepTheirLineEnds(t *testing.T) {
	clone := aClone(t, "-c core.autocrlf=true -c core.eol=crlf")
	lines := strings.Split(strings.TrimSpace(inShell(t, clone, "", "git ls-files --eol")), "\n")
	golden := 0
	for _, line := range lines {
		inCommit, inFolder, _ := strings.Cut(strings.Fields(line)[0]+" "+strings.Fields(line)[1], " ")
		if strings.TrimPrefix(inCommit, "i/") != strings.TrimPrefix(inFolder, "w/") {
			t.Errorf("git changed the line ends: %s", line)
		}
		if strings.HasSuffix(line, ".txtar") {
			golden++
		}
	}
	if golden < 100 {
		t.Errorf("only %d golden files were found", golden)
	}
}

// A release is built from a tag, and says so by what the Go toolchain noted.
func TestVersionIsTheTag(t *testing.T) {
	t.Parallel()
	clone := aClone(t, "")
	inShell(t, clone, "", "git tag v1.98.7 && go build -trimpath -buildvcs=true -ldflags='-s -w' -o ../failover-gen .")
	got, _, _ := strings.Cut(inShell(t, clone, "", "../failover-gen version"), "\n")
	if got != "failover-gen v1.98.7" {
		t.Errorf("it says %q", got)
	}
}

// release is what .goreleaser.yaml may hold: a key that is not here is an error.
type release struct {
	Version     int
	ProjectName string `yaml:"project_name"`
	Before      struct{ Hooks []string }
	Builds      []struct {
		Binary                            string
		Env, Flags, Ldflags, Goos, Goarch []string
		ModTimestamp                      string `yaml:"mod_timestamp"`
	}
	Archives []struct {
		Formats         []string
		NameTemplate    string `yaml:"name_template"`
		FormatOverrides []struct {
			Goos    string
			Formats []string
		} `yaml:"format_overrides"`
		Files []releaseFile
	}
	Checksum struct {
		NameTemplate string `yaml:"name_template"`
		Algorithm    string
	}
	Snapshot struct {
		VersionTemplate string `yaml:"version_template"`
	}
	Changelog struct{ Sort string }
	Release   struct{ GitHub struct{ Owner, Name string } }
}

// releaseFile is a pattern, or a pattern with the folder that it goes to.
type releaseFile struct{ Src, Dst string }

func (f *releaseFile) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&f.Src)
	}
	type plain releaseFile
	return n.Decode((*plain)(f))
}

// goreleaser takes minutes to build, so that CI holds what the configuration names
// to what is there; "bash .ci/release" runs goreleaser's own check.
func TestReleaseHoldsWhatItNames(t *testing.T) {
	t.Parallel()
	file, err := os.Open(".goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var r release
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if module := path.Join("github.com", r.Release.GitHub.Owner, r.Release.GitHub.Name); module != ourModule {
		t.Errorf("it is released as %s", module)
	}
	if len(r.Builds) != 1 || !slices.Equal(r.Builds[0].Goos, []string{"linux", "darwin", "windows"}) || !slices.Equal(r.Builds[0].Goarch, []string{"amd64", "arm64"}) {
		t.Errorf("it is built for %+v", r.Builds)
	}
	if len(r.Before.Hooks) != 1 || len(r.Archives) != 1 {
		t.Fatalf("hooks %q and %d archives, want one each", r.Before.Hooks, len(r.Archives))
	}
	const made = "packaging"
	hook, ok := strings.CutSuffix(r.Before.Hooks[0], " "+made)
	if !ok {
		t.Fatalf("the hook %q writes elsewhere", r.Before.Hooks[0])
	}
	dir := t.TempDir()
	inShell(t, ".", "", hook+" '"+dir+"'")
	shipped := make(map[string]bool)
	for _, f := range r.Archives[0].Files {
		pattern := f.Src
		if below, ok := strings.CutPrefix(pattern, made+"/"); ok {
			pattern = filepath.Join(dir, below)
		}
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Errorf("no file is %s: %v", f.Src, err)
		}
		for _, name := range found {
			shipped[filepath.ToSlash(name)] = true
			if data, err := os.ReadFile(name); err != nil || len(data) == 0 {
				t.Errorf("%s is empty: %v", name, err)
			}
		}
	}
	for _, link := range regexp.MustCompile(`\]\(([a-zA-Z/-]+\.(?:md|svg))\)`).FindAllStringSubmatch(read(t, "README.md"), -1) {
		if !shipped[link[1]] && link[1] != "CONTRIBUTING.md" { // which is for those who have the repository
			t.Errorf("README.md links to %s, which a release lacks", link[1])
		}
	}
}
