//go:build unix

package drill

import (
	"os/exec"
	"syscall"
)

// inOwnGroup keeps the terminal's Ctrl-C from cmd and its children: this process
// ends them once it has noticed that it must end itself.
func inOwnGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interruptGroup asks cmd and its children to end.
func interruptGroup(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }

// killGroup ends what is left of cmd's children.
func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // mostly there are none left
	}
}
