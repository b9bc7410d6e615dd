//go:build !unix

package drill

import "os/exec"

// Where there are no process groups, cmd is ended alone.
func inOwnGroup(*exec.Cmd) {}

func interruptGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }

func killGroup(*exec.Cmd) {}
