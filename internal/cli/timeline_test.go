package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/drill"
)

func plainly(_, text string) styled { return styled(text) }

// killedAt is the look from which on the primary of staged is killed.
const killedAt = 6

// lookAt is the look of a number, from 1: each time 1,000 writes more are acked.
func lookAt(begun time.Time, n int) drill.Look {
	at := begun.Add(killedAt * redraw)
	first, second := drill.Seen{Name: "pr-1234", Acked: 1000 * min(n, killedAt-1), Connected: true}, drill.Seen{Name: "pr-5678", Connected: true}
	l := drill.Look{Active: first.Name, Acked: 1000 * n, Events: []drill.Event{{Name: "CLIENT_CONNECTED", Cluster: first.Name, Time: begun}}}
	if n >= killedAt {
		first.Broken, first.Connected, second.Acked, l.Active = "kill", false, 1000*(n+1-killedAt), second.Name
		l.Deeds = []drill.Deed{{Time: at, What: "kill", Target: first.Name}}
		l.Events = append(l.Events, drill.Event{Name: "CLIENT_CHANGED_CLUSTER", From: first.Name, Cluster: second.Name, Time: at.Add(time.Millisecond)})
	}
	l.Targets = []drill.Seen{first, second}
	return l
}

// looked is a timeline after so many looks of lookAt.
func looked(n int) *timeline {
	begun := time.Unix(1_800_000_000, 0)
	t := newTimeline(begun)
	for i := range n {
		t.add(lookAt(begun, i+1), begun.Add(time.Duration(i+1)*redraw))
	}
	return t
}

func TestATimelineShowsStatesAndRates(t *testing.T) {
	want := `  pr-1234  #####xxxxxxx                                              kill
  pr-5678  -----#######                                              active
  acked    @@@@@@@@@@@@                                              10000/s
     0.0 s  CLIENT_CONNECTED pr-1234
     0.6 s  > kill pr-1234
     0.6 s  CLIENT_CHANGED_CLUSTER pr-1234 -> pr-5678`
	if got := strings.Join(looked(12).lines(79, ascii, plainly), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// However long a run lasts, its bars fit the terminal and show it from the start.
func TestALongRunFitsTheTerminal(t *testing.T) {
	for _, columns := range []int{79, 39} {
		tl := looked(5000)
		lines := tl.lines(columns, blocks, plainly)
		for _, line := range lines {
			if got := lengthOf(line); got > columns {
				t.Errorf("%d columns of %d: %q", got, columns, line)
			}
		}
		if !strings.Contains(lines[0], "  ××") || !strings.Contains(lines[1], "  ██") || !strings.Contains(lines[2], "  █████") || len(tl.cells) > columns {
			t.Errorf("%d cells of %s:\n%s", len(tl.cells), tl.slot, strings.Join(lines, "\n"))
		}
	}
	if lines := looked(5000).lines(29, blocks, plainly); lines != nil {
		t.Errorf("29 columns: %q", lines)
	}
}

// What a name holds can neither steer the terminal nor push the bar aside, and a target
// that joins later has no state before.
func TestATimelineOfWebServices(t *testing.T) {
	begun := time.Unix(1_800_000_000, 0)
	tl := newTimeline(begun)
	tl.add(drill.Look{}, begun.Add(time.Second)) // the registry starts
	at := func(i int) time.Time { return begun.Add(time.Second + time.Duration(i)*redraw) }
	one := drill.Seen{Name: "http://127.0.0.1:23456/a/long/path/Foo\x1b[2J", Acked: 1}
	tl.add(drill.Look{Active: one.Name, Acked: 1, Targets: []drill.Seen{one}}, at(1))
	tl.add(drill.Look{Active: one.Name, Acked: 1, Targets: []drill.Seen{one, {Name: "late"}}}, at(3))
	lines := tl.lines(79, ascii, plainly)
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "  a/long/path/Foo\ufffd[2J  ###  ") || !strings.HasPrefix(lines[1], "  late"+strings.Repeat(" ", 17)+" ..  ") {
		t.Errorf("%q", lines)
	}
	if want := fmt.Sprintf("  %-19s  @   ", "acked"); !strings.HasPrefix(lines[2], want) || !strings.HasSuffix(lines[2], "  0/s") {
		t.Errorf("%q", lines[2])
	}
}

func TestColoursOfATimeline(t *testing.T) {
	paint := func(code, text string) styled { return styled("<" + code + text + ">") }
	lines := looked(12).lines(79, ascii, paint)
	if want := "  pr-1234  <32#####><31xxxxxxx>" + strings.Repeat(" ", 44) + "  <31kill>"; lines[0] != want {
		t.Errorf("%q, want %q", lines[0], want)
	}
}

func TestTheLocaleDecidesWhatBarsAreMadeOf(t *testing.T) {
	for want, env := range map[string]map[string]string{
		string(blocks.levels) + "1": {"LANG": "en_US.UTF-8"},
		string(blocks.levels) + "2": {"LC_ALL": "C.utf8", "LANG": "C"},
		string(ascii.levels) + "3":  {"LC_ALL": "C", "LANG": "en_US.UTF-8"},
		string(ascii.levels) + "4":  {},
	} {
		a := &app{Env: Env{LookupEnv: lookup(env)}}
		if got := string(a.alphabet().levels); !strings.HasPrefix(want, got) {
			t.Errorf("%v: %s, want %s", env, got, want)
		}
	}
}
