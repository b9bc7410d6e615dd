package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// inShell runs commands in a folder, the first error ends them, and returns what
// they printed. failover-gen is the program in bin, "" for none.
func inShell(t *testing.T, dir, bin, commands string) string {
	t.Helper()
	shell := exec.Command("sh", "-ec", commands)
	shell.Dir = dir
	shell.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "GOWORK=off",
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v\n%s", commands, err, out)
	}
	return string(out)
}

// newProject builds failover-gen into a folder bin and generates a project of two
// clusters with it.
func newProject(t *testing.T) (project, bin string) {
	t.Helper()
	dir := t.TempDir()
	bin = filepath.Join(dir, "bin")
	inShell(t, ".", "", "go build -o '"+bin+"/' .")
	prepareBundles(t, dir)
	inShell(t, dir, bin, "failover-gen generate --quiet --primary primary.zip --secondary secondary.zip --out orders")
	return filepath.Join(dir, "orders"), bin
}

// newService does the same for a web service whose registry has a password.
func newService(t *testing.T) (project, bin string) {
	t.Helper()
	dir := t.TempDir()
	bin = filepath.Join(dir, "bin")
	inShell(t, ".", "", "go build -o '"+bin+"/' . && cp golden/testdata/fabric/blueprint.xml '"+dir+"/fabric.xml'")
	inShell(t, dir, bin, "failover-gen generate --quiet --from fabric.xml --out orders")
	return filepath.Join(dir, "orders"), bin
}

// needsGit skips a test on a machine without git.
func needsGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git here")
	}
}

// cloneOf commits a project and clones it as CI does, without secrets and bundles.
func cloneOf(t *testing.T, project, bin, flags string) string {
	t.Helper()
	inShell(t, project, bin, "git init -q && git add -A && git commit -q -m first && git clone -q "+flags+" . ../clone/orders")
	return filepath.Join(filepath.Dir(project), "clone", "orders")
}

// git writes its own line ends into a checkout where it is told to, as on Windows.
// What is compared byte by byte must survive that.
func TestCheckoutsWithOtherLineEnds(t *testing.T) {
	t.Parallel()
	needsGit(t)
	project, bin := newProject(t)
	clone := cloneOf(t, project, bin, "-c core.autocrlf=true")
	if readme, err := os.ReadFile(filepath.Join(clone, "README.md")); err != nil || !hasCRLF(readme) {
		t.Fatal("git did not convert anything, so this test shows nothing: ", err)
	}
	inShell(t, clone, bin, "failover-gen check .")
	inShell(t, clone, bin, "go vet ./...")
}
