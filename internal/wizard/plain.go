package wizard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// plain asks in lines, without moving the cursor: for screen readers, and for
// terminals that cannot do more.
type plain struct {
	in     io.Reader
	out    io.Writer
	secret func(ask func()) (string, error) // reads a line that is not shown
}

// InLines asks in numbered lines.
func InLines(ctx context.Context, in *os.File, out io.Writer) Prompter {
	keys := &keyboard{File: in, ctx: ctx}
	return &plain{in: keys, out: out, secret: keys.secret}
}

// line prints a prompt and reads the answer without its line end. It takes one byte
// at a time, so that nothing behind the line end is lost to whoever reads next.
func (p *plain) line(prompt string) (string, error) {
	fmt.Fprint(p.out, prompt)
	var text []byte
	for one := make([]byte, 1); ; {
		n, err := p.in.Read(one)
		switch {
		case n > 0 && one[0] == '\n':
			return strings.TrimSuffix(string(text), "\r"), nil
		case n > 0:
			text = append(text, one[0])
		case errors.Is(err, io.EOF):
			fmt.Fprintln(p.out)
			return "", ErrLeft
		case err != nil:
			fmt.Fprintln(p.out)
			return "", err
		}
	}
}

func (p *plain) Select(question string, options []string, preset int) (int, error) {
	preset = max(preset, 0)
	fmt.Fprintln(p.out, asked(question))
	for i, option := range options {
		fmt.Fprintf(p.out, "  %d. %s\n", i+1, option)
	}
	for {
		text, err := p.line(fmt.Sprintf("Number, or Enter for %d: ", preset+1))
		if err != nil {
			return 0, err
		}
		if text = strings.TrimSpace(text); text == "" {
			return preset, nil
		}
		if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(options) {
			return n - 1, nil
		}
		for i, option := range options {
			if word, _, _ := strings.Cut(option, ":"); strings.EqualFold(word, text) {
				return i, nil
			}
		}
		fmt.Fprintf(p.out, "That is not a number from 1 to %d.\n", len(options))
	}
}

func (p *plain) Input(question, preset string, _ func(string) []string) (string, error) {
	if preset != "" {
		question += ", or Enter for " + preset
	}
	text, err := p.line(question + ": ")
	if text == "" {
		text = preset
	}
	return text, err
}

func (p *plain) Password(question string) (string, error) {
	text, err := p.secret(func() { fmt.Fprint(p.out, question+", which is not shown: ") })
	fmt.Fprintln(p.out)
	return text, err
}

func (p *plain) Confirm(question string, preset bool) (bool, error) {
	word := "no"
	if preset {
		word = "yes"
	}
	for {
		text, err := p.line(fmt.Sprintf("%s yes or no, or Enter for %s: ", question, word))
		if err != nil {
			return false, err
		}
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "":
			return preset, nil
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		fmt.Fprintln(p.out, "That is neither yes nor no.")
	}
}
