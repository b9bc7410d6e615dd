package fabric

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// goParts builds the Go side of the story once for all tests.
var goParts = sync.OnceValues(buildGo)

// goPart returns the path of a program of the Go side: client or server.
func goPart(t *testing.T, name string) string {
	t.Helper()
	dir, err := goParts()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

// buildGo builds the programs below testdata/go as if they stood beside the
// template of a project, since only programs there may use its packages.
func buildGo() (dir string, err error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	overlay := map[string]map[string]string{"Replace": {}}
	dir = filepath.Join(buildDir, "go")
	args := []string{"build", "-overlay", filepath.Join(buildDir, "overlay.json"), "-o", dir + string(os.PathSeparator)}
	for _, name := range []string{"server"} {
		program := "templates/webservice/fabric-" + name
		overlay["Replace"][filepath.Join(root, program, "main.go")] = filepath.Join(root, "integration/fabric/testdata/go", name, "main.go.txt")
		args = append(args, "github.com/failover-gen/failover-gen/"+program)
	}
	data, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(buildDir, "overlay.json"), data, 0o644); err != nil {
		return "", err
	}
	if _, err := run("go", args...); err != nil {
		return "", fmt.Errorf("the Go side does not compile: %w", err)
	}
	return dir, nil
}
