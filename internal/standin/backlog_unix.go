//go:build unix

package standin

import (
	"net"
	"syscall"
)

// setBacklog changes the length of a listener's accept queue: listen(2) may be
// called again for that. It is best effort; Blackhole says what else happens.
func setBacklog(l *net.TCPListener, n int) {
	raw, err := l.SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) { syscall.Listen(int(fd), n) })
}
