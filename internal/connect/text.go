package connect

import (
	"fmt"
	"time"
)

// Verdict is the word for what came of a stage.
func (s *Stage) Verdict() string {
	switch {
	case s.OK:
		return "ok"
	case s.Tried():
		return "FAILED"
	}
	return notTried
}

// Took is how long a stage took, for people; "" if it was not tried.
func (s *Stage) Took() string {
	if !s.Tried() {
		return ""
	}
	return fmt.Sprintf("%.1f ms", s.MS)
}

// Text describes a certificate in one line.
func (c Certificate) Text() string {
	left := fmt.Sprintf("%d days left, until", c.DaysLeft)
	if c.DaysLeft < 0 {
		left = "expired on"
	}
	return fmt.Sprintf("%-9s certificate %s %s  %s", c.Of, left, c.NotAfter.Format(time.DateOnly), c.Subject)
}
