// Command failover-gen turns the client bundles of two or more clusters into a
// Go project that survives the loss of one.
package main

import (
	"os"
	"time"

	"github.com/failover-gen/failover-gen/internal/cli"
)

func main() {
	os.Exit(cli.Main(cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		LookupEnv: os.LookupEnv, Now: time.Now,
	}))
}
