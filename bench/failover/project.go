package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/cli"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/sample"
)

// module is the module path of the projects.
const module = "example.com/orders"

// makeBundles writes two bundles in the console's shape below dir and returns their
// paths and the names of their clusters.
func makeBundles(dir string) (paths, clusters []string, err error) {
	bundles, err := sample.Make(2, pki.Console)
	if err != nil {
		return nil, nil, err
	}
	for _, one := range bundles {
		path := filepath.Join(dir, one.FileName)
		if err := os.WriteFile(path, one.Data, 0o600); err != nil {
			return nil, nil, err
		}
		paths, clusters = append(paths, path), append(clusters, one.Cluster)
	}
	return paths, clusters, nil
}

// project generates a project, as a user would, unless that was done. It returns its folder.
func (b *bench) project(v variant) (string, error) {
	dir := filepath.Join(b.work, fmt.Sprintf("%s-%t", v.standby, v.tls))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	var stderr bytes.Buffer
	code := cli.Main(cli.Env{
		Args: b.generate(v, dir), Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Stderr: &stderr, LookupEnv: os.LookupEnv, Now: time.Now,
	})
	if code != 0 {
		return "", errors.New("generate: " + stderr.String())
	}
	return dir, nil
}

// generate is the command line that makes a project from the bundles.
func (b *bench) generate(v variant, dir string) []string {
	args := []string{"generate", "--primary", b.bundles[0], "--secondary", b.bundles[1], "--module", module, "--out", dir, "--standby", v.standby}
	if !v.tls {
		args = append(args, "--set", "1.tls=off", "--set", "2.tls=off")
	}
	return args
}
