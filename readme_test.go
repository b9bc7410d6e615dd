package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/sample"
)

// Every command that the README shows in a block of its own is run, in order,
// in a folder that holds what the text says one has.
func TestCommandsOfTheReadme(t *testing.T) {
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
	commands := 0
	for _, block := range strings.Split(string(text), "```sh\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		for _, command := range strings.Split(strings.TrimSpace(block), "\n") {
			commands++
			where := dir
			switch {
			case command == "go test ./...":
				continue // this very run
			case strings.Contains(command, "go build"):
				where, command = repository, strings.Replace(command, "-o ", "-o "+dir+"/", 1)
			case strings.HasPrefix(command, "go run"):
				where = repository
			}
			run := exec.Command("sh", "-c", command)
			run.Dir = where
			if out, err := run.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", command, err, out)
			}
		}
	}
	if commands < 8 {
		t.Errorf("only %d commands were found in the README", commands)
	}
}

// prepareBundles puts there what a reader is said to have: two bundles, and a
// keystore with its password in a file.
func prepareBundles(t *testing.T, dir string) {
	t.Helper()
	bundles, err := sample.Make(2)
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
