//go:build !unix

package zookeeper

import "errors"

// Freeze is not possible on this system.
func (s *Server) Freeze() error { return errors.ErrUnsupported }

// Thaw is not possible on this system.
func (s *Server) Thaw() error { return errors.ErrUnsupported }
