//go:build !unix

package drill

import "os/exec"

// Without process groups, only cmd itself is ended, and not its children.
func inOwnGroup(*exec.Cmd) {}

func interruptGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }

func killGroup(*exec.Cmd) {}
