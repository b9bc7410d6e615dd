// Package maven fetches the one jar that tests and benchmarks with Java need. Maven
// keeps it in its local repository, so that it is downloaded once on a machine.
package maven

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// HazelcastVersion is the newest 5.x of Hazelcast when this was written. Its jar of
// the Community edition holds members and the Java client.
const HazelcastVersion = "5.7.0"

// HazelcastJar returns the path of that jar. The error says why it cannot be had.
func HazelcastJar() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	jar := filepath.Join(home, ".m2/repository/com/hazelcast/hazelcast", HazelcastVersion, "hazelcast-"+HazelcastVersion+".jar")
	if _, err := os.Stat(jar); err == nil {
		return jar, nil
	}
	out, err := exec.Command("mvn", "-q", "-B", "dependency:get", "-Dtransitive=false",
		"-Dartifact=com.hazelcast:hazelcast:"+HazelcastVersion).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("mvn could not fetch Hazelcast %s: %w\n%s", HazelcastVersion, err, out)
	}
	return jar, nil
}
