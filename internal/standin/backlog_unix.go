//go:build unix

package standin

import (
	"net"
	"syscall"
)

// setBacklog changes the length of a listener's accept queue by calling listen(2)
// again. If that fails, the queue stays as it is, and Blackhole fills it.
func setBacklog(l *net.TCPListener, n int) {
	raw, err := l.SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) { syscall.Listen(int(fd), n) })
}
