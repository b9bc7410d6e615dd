package fabric

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

const module = "github.com/failover-gen/failover-gen/"

// The Go side of the story: the sample server that projects get, and a client
// of this package's own. Both are built once for all tests.
var goParts = sync.OnceValues(buildGo)

// goPart returns the path of a program of the Go side.
func goPart(t *testing.T, name string) string {
	t.Helper()
	dir, err := goParts()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

// buildGo builds the client as if its source stood beside the template of a
// project, since only programs there may use the template's packages.
func buildGo() (dir string, err error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	const program = "templates/webservice/client"
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(root, program, "main.go"): filepath.Join(root, "integration/fabric/testdata/go/client.go.txt"),
	}})
	if err != nil {
		return "", err
	}
	file := filepath.Join(buildDir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o644); err != nil {
		return "", err
	}
	dir = filepath.Join(buildDir, "go")
	if _, err := run("go", "build", "-overlay", file, "-o", dir+string(os.PathSeparator),
		module+program, module+"templates/webservice/server"); err != nil {
		return "", fmt.Errorf("the Go side does not compile: %w", err)
	}
	return dir, nil
}
