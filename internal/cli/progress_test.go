package cli

import (
	"bytes"
	"testing"

	"github.com/failover-gen/failover-gen/internal/drill"
)

func TestAPipeGetsALineAtEachStart(t *testing.T) {
	for _, c := range []struct {
		flags common
		want  string
	}{
		{common{}, "orders: building\norders: drill 2 of 11 (freeze)\n"},
		{common{noColor: true}, "orders: building\norders: drill 2 of 11 (freeze)\n"},
		{common{quiet: true}, ""},
		{common{json: true}, ""},
	} {
		var out, errs bytes.Buffer
		a := &app{Env: Env{Stdout: &out, Stderr: &errs, LookupEnv: lookup(nil)}, common: c.flags}
		var o drill.Options
		end := a.steps("orders", &o)
		o.OnStep(drill.Step{What: "building"})
		o.OnStep(drill.Step{What: "freeze", N: 2, Of: 11})
		end()
		if errs.String() != c.want || out.Len() > 0 {
			t.Errorf("%+v: %q, want %q", c.flags, errs.String(), c.want)
		}
	}
}

func TestALineFitsTheTerminal(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
		length  int
	}{
		{"orders", 6, "orders", 6}, {"orders", 5, "order", 5}, {"orders", 0, "", 0}, {"orders", -1, "", 0},
		{"düne", 3, "dün", 3}, {"日本語", 5, "日本", 4}, {"日本語", 6, "日本語", 6},
	} {
		if text, length := fit(c.text, c.columns); text != c.want || length != c.length {
			t.Errorf("%q in %d columns: %q of %d, want %q of %d", c.text, c.columns, text, length, c.want, c.length)
		}
	}
}

func TestALineTellsHowARunGoesOn(t *testing.T) {
	last := drill.Deed{What: "kill", Target: "pr-1\x1b[2J"}
	for want, l := range map[string]drill.Look{
		"":                               {},
		"; pr-2 active, 12 writes acked": {Active: "pr-2", Acked: 12},
		"; pr-2 active, 12 writes acked; last: kill pr-1\ufffd[2J": {Active: "pr-2", Acked: 12, Deeds: []drill.Deed{{}, last}},
		"; last: kill pr-1\ufffd[2J":                               {Deeds: []drill.Deed{last}},
	} {
		if got := seen(l); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
