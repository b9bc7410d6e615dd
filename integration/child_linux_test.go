package integration

import (
	"os/exec"
	"syscall"
)

// diesWithUs lets the kernel kill a process when this one is killed.
func diesWithUs(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
