//go:build unix

package zookeeper

import "syscall"

// Freeze stops the server's clock: it accepts connections and answers nothing.
func (s *Server) Freeze() error { return s.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() error { return s.cmd.Process.Signal(syscall.SIGCONT) }
