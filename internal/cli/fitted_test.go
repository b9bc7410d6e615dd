package cli

import (
	"strings"
	"testing"
)

func TestWideLinesBreakBelowTheirSecondColumn(t *testing.T) {
	for _, x := range []struct {
		width      int
		line, want string
	}{
		{0, "gap         time from the fault to the write", "gap         time from the fault to the write"},
		{30, "gap         time from the fault to the write", "gap         time from the|            fault to the write"},
		{30, "seed 1: with --seed 1 the faults strike again", "seed 1: with --seed 1 the|    faults strike again"},
		{30, "    the cluster changed, and it must not", "    the cluster changed, and|    it must not"},
		{30, "kill       run 1   passed  gap     1.3 ms", "kill       run 1   passed  gap|           1.3 ms"},
		{10, "/path/without/any/blank", "/path/without/any/blank"},
	} {
		if got := strings.Join(hanging(x.line, x.width), "|"); got != x.want {
			t.Errorf("%d columns: %q, want %q", x.width, got, x.want)
		}
	}
}
