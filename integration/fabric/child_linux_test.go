package fabric

import "syscall"

// endsWithUs makes a process end with the tests, also when those are killed.
func endsWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
