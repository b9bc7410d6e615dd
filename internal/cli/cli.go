// Package cli is the command line: flags, calls and printing, nothing else.
package cli

import (
	"io"
	"time"
)

// Env is everything the command line takes from the process.
type Env struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time
}

// Main runs the command line and returns the exit code.
func Main(env Env) int { return 2 }
