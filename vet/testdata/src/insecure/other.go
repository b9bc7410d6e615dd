package insecure

import (
	"crypto/tls"
	"net"
)

type mailer struct{ config *tls.Config }

// Silent: nothing in this file connects to a cluster.
func newMailer() *mailer { return &mailer{config: &tls.Config{InsecureSkipVerify: true}} }

func (m *mailer) connect(conn net.Conn) *tls.Conn { return tls.Client(conn, m.config) }
