package wizard

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

// inLines asks in lines, with what the user types.
func inLines(t *testing.T, ctx context.Context, typed string) (*bytes.Buffer, Prompter) {
	t.Helper()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); out.Close() })
	if _, err := out.WriteString(typed); err != nil {
		t.Fatal(err)
	}
	if ctx.Err() == nil {
		out.Close()
	}
	said := new(bytes.Buffer)
	p := InLines(ctx, in, said)
	p.(*plain).secret = func(ask func()) (string, error) { ask(); return "hidden", nil }
	return said, p
}

func TestTheWordOfAnOptionCanBeTyped(t *testing.T) {
	_, p := inLines(t, context.Background(), "Cold\n")
	if n, err := p.Select("Standby", []string{"warm: connected", "cold: connect when needed"}, 0); err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
}

func TestQuestionsInLines(t *testing.T) {
	said, p := inLines(t, context.Background(), "7\nx\n2\n\n text with blanks \r\n\nmaybe\nYes\n\n")
	for i := range 2 {
		if n, err := p.Select("Choose", []string{"one", "two"}, 0); err != nil || n != 1-i {
			t.Errorf("Select %d: %d %v", i, n, err)
		}
	}
	if text, err := p.Input("Text", "", nil); err != nil || text != " text with blanks " {
		t.Errorf("Input: %q %v", text, err)
	}
	if text, err := p.Input("Text", "preset", nil); err != nil || text != "preset" {
		t.Errorf("Input: %q %v", text, err)
	}
	if text, err := p.Password("Password"); err != nil || text != "hidden" {
		t.Errorf("Password: %q %v", text, err)
	}
	if yes, err := p.Confirm("Sure?", false); err != nil || !yes {
		t.Errorf("Confirm: %v %v", yes, err)
	}
	if yes, err := p.Confirm("Sure?", false); err != nil || yes {
		t.Errorf("Confirm: %v %v", yes, err)
	}
	want := "Choose:\n  1. one\n  2. two\nNumber, or Enter for 1: That is not a number from 1 to 2.\nNumber, or Enter for 1: That is not a number from 1 to 2.\nNumber, or Enter for 1: " +
		"Choose:\n  1. one\n  2. two\nNumber, or Enter for 1: Text: Text, or Enter for preset: Password, which is not shown: \n" +
		"Sure? yes or no, or Enter for no: That is neither yes nor no.\nSure? yes or no, or Enter for no: Sure? yes or no, or Enter for no: "
	if said.String() != want {
		t.Errorf("said %q\nwant %q", said, want)
	}
}

func TestTheEndOfInputLeaves(t *testing.T) {
	said, p := inLines(t, context.Background(), "half a line")
	_, err := p.Input("Text", "preset", nil)
	if !errors.Is(err, ErrLeft) || !strings.HasSuffix(said.String(), "\n") {
		t.Errorf("%v, said %q", err, said)
	}
}

func TestTheEndOfTheContextEndsAQuestion(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, p := inLines(t, ctx, "")
	if _, err := p.Confirm("Sure?", true); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
