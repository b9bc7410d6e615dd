package fabric

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// sources is the Maven project of the Java side.
const sources = "testdata/java"

// opened is what CXF 3.0 reaches into that Java 17 keeps closed: its HTTP client
// replaces the process's Authenticator.
const opened = "--add-opens=java.base/java.net=ALL-UNNAMED"

// javaParts is the class path of the Java side, built once for all tests.
var javaParts = sync.OnceValues(buildJava)

// classpath returns the class path of the Java side. Where Java is not asked for
// the test is skipped; where it is asked for and can't be had it fails.
func classpath(t *testing.T) string {
	t.Helper()
	if os.Getenv("FAILOVER_REQUIRE_JAVA") == "" {
		t.Skip("the real Fabric parts are not asked for: set FAILOVER_REQUIRE_JAVA=1; they need Java 17 and Maven")
	}
	path, err := javaParts()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// buildJava lets Maven fetch the jars that the POM names, and compiles the
// sources against them. Nothing is written below the sources.
func buildJava() (classpath string, err error) {
	list := filepath.Join(buildDir, "classpath")
	if _, err := run("mvn", "-q", "-B", "-f", filepath.Join(sources, "pom.xml"),
		"dependency:build-classpath", "-Dmdep.outputFile="+list); err != nil {
		return "", fmt.Errorf("Maven could not fetch the Java side: %w", err)
	}
	jars, err := os.ReadFile(list)
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(sources, "src/main/java/com/example/failover/*.java"))
	if err != nil {
		return "", err
	}
	classes := filepath.Join(buildDir, "classes")
	args := append([]string{"--release", "17", "-cp", string(jars), "-d", classes}, files...)
	if _, err := run("javac", args...); err != nil {
		return "", fmt.Errorf("the Java side does not compile: %w", err)
	}
	return classes + string(os.PathListSeparator) + string(jars), nil
}

// run returns what a command printed; its error holds what it complained of.
func run(name string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", errors.Join(fmt.Errorf("%s: %w", name, err), errors.New(stdout.String()+stderr.String()))
	}
	return stdout.String(), nil
}

// startJava starts a class of the Java side, or of its jars, as a JVM of its own.
// The JVM's options come first.
func startJava(t *testing.T, name string, options []string, class string, args ...string) *process {
	t.Helper()
	all := append([]string{"-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", opened}, options...)
	all = append(all, "-cp", classpath(t), class)
	return start(t, name, exec.Command("java", append(all, args...)...))
}

// Every coordinate of the POM has an exact version, so that a build a year from
// now fetches the same jars.
func TestThePOMNamesExactVersions(t *testing.T) {
	pom, err := os.ReadFile(filepath.Join(sources, "pom.xml"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(pom)
	for _, loose := range []string{"SNAPSHOT", "LATEST", "RELEASE", "<version>["} {
		if strings.Contains(text, loose) {
			t.Errorf("the POM has a version that changes with time: %s", loose)
		}
	}
	named := strings.Count(text, "<dependency>") + strings.Count(text, "<plugin>")
	if versions := strings.Count(text, "</artifactId><version>"); named == 0 || named != versions {
		t.Errorf("%d dependencies and plugins have %d versions", named, versions)
	}
}
