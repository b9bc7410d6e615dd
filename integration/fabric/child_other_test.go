//go:build !linux

package fabric

import "syscall"

// endsWithUs has nothing to ask of this system.
func endsWithUs() *syscall.SysProcAttr { return nil }
