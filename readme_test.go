package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/sample"
)

// Every command that the README shows in a block of its own is run, in order,
// in a folder that holds what the text says one has. Those that need no other
// run beside the rest.
func TestCommandsOfTheReadme(t *testing.T) {
	t.Parallel()
	repository, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	prepareBundles(t, dir)
	run := func(where, command string) bool {
		shell := exec.Command("sh", "-c", command)
		shell.Dir = where
		out, err := shell.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
		return err == nil
	}
	var beside sync.WaitGroup
	defer beside.Wait()
	commands := 0
	for _, block := range strings.Split(string(text), "```sh\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		for command := range strings.Lines(block) {
			commands++
			command = strings.TrimSpace(command)
			switch {
			case command == "go test ./...":
				continue // this very run
			case strings.HasPrefix(command, "go run"):
				beside.Go(func() { run(repository, command) })
				continue
			}
			where := dir
			if strings.Contains(command, "go build") {
				where, command = repository, strings.Replace(command, "-o ", "-o "+dir+"/", 1)
			}
			if !run(where, command) {
				return // the next command needs what this one makes
			}
		}
	}
	if page, err := os.ReadFile(filepath.Join(dir, "drill.html")); err != nil || !strings.Contains(string(page), "2 of 2 runs passed") {
		t.Errorf("the page of the drill: %v", err)
	}
	if commands < 8 {
		t.Errorf("only %d commands were found in the README", commands)
	}
}

// fabricXML sets up the failover of a Java client of a web service.
const fabricXML = `<blueprint xmlns="http://www.osgi.org/xmlns/blueprint/v1.0.0">
  <bean id="failoverFeature" class="org.fusesource.fabric.cxf.FabricFailOverFeature">
    <property name="fabricPath" value="demo/fo"/>
  </bean>
</blueprint>
`

// prepareBundles makes what the README says that its reader has: two bundles, a
// Fabric XML, and a keystore with its password in a file.
func prepareBundles(t *testing.T, dir string) {
	t.Helper()
	bundles, err := sample.Make(2, pki.Quick)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]sample.Bundle{"primary.zip": bundles[0], "secondary.zip": bundles[1]} {
		if err := os.WriteFile(filepath.Join(dir, name), b.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "password.txt"), []byte(bundles[0].Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "fabric.xml"), []byte(fabricXML), 0o600); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(bundles[0].Data), int64(len(bundles[0].Data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.File {
		if filepath.Base(f.Name) != "client.keystore" {
			continue
		}
		keystore, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer keystore.Close()
		data, err := io.ReadAll(keystore)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "client.keystore"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
