package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/failover-gen/failover-gen/internal/maven"
)

//go:embed java/Peer.java
var peerSource []byte

// javaSide is the Java peer, compiled.
type javaSide struct {
	why       string // why it cannot be had; "" if it can
	version   string // of the Java runtime
	classpath string
}

// compileJava fetches the client's jar and compiles the peer against it, below dir.
func compileJava(dir string) javaSide {
	jar, err := maven.HazelcastJar()
	if err != nil {
		return javaSide{why: oneLine(err)}
	}
	source := filepath.Join(dir, "Peer.java")
	if err := os.WriteFile(source, peerSource, 0o600); err != nil {
		return javaSide{why: oneLine(err)}
	}
	if out, err := exec.Command("javac", "-cp", jar, "-d", dir, source).CombinedOutput(); err != nil {
		return javaSide{why: oneLine(fmt.Errorf("the Java side does not compile: %w %s", err, out))}
	}
	out, err := exec.Command("java", "--version").Output()
	if err != nil {
		return javaSide{why: oneLine(fmt.Errorf("java --version: %w", err))}
	}
	version, _, _ := strings.Cut(string(out), "\n")
	return javaSide{version: version, classpath: dir + string(os.PathListSeparator) + jar}
}

// command starts the peer; its arguments are to follow.
func (j javaSide) command() []string {
	return []string{"java", "-Xmx256m", "-cp", j.classpath, "Peer"}
}
