//go:build !unix

package standin

import "net"

// setBacklog does nothing where the accept queue of a listener is fixed.
func setBacklog(*net.TCPListener, int) {}
