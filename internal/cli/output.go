package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"unicode"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// output is standard output. It keeps the first error of writing, and writes
// nothing after it.
type output struct {
	io.Writer
	closed func() // called when the reader has gone
	err    error
}

// Write writes p unless something could not be written before.
func (o *output) Write(p []byte) (n int, err error) {
	if o.err != nil {
		return 0, o.err
	}
	n, o.err = o.Writer.Write(p)
	if errors.Is(o.err, syscall.EPIPE) {
		o.closed()
	}
	return n, o.err
}

// exitCode is code, unless output was lost. If the reader had gone, it is 141, as
// after SIGPIPE. Else it is at least 3, and standard error says why.
func (o *output) exitCode(code int, stderr io.Writer) int {
	switch {
	case o.err == nil || code > 128: // cancelled
		return code
	case errors.Is(o.err, syscall.EPIPE):
		return 128 + int(syscall.SIGPIPE)
	}
	cause := o.err
	var pathErr *fs.PathError
	if errors.As(o.err, &pathErr) {
		cause = pathErr.Err
	}
	f := fault.Wrap(fault.Environment, fault.Position{},
		"standard output cannot be written to: "+cause.Error(),
		"check the space on the disk, or write it elsewhere", o.err)
	fmt.Fprintln(stderr, f.Error())
	return max(code, int(f.Kind))
}

// finish prints the errors, and the document if --json was given.
func (a *app) finish(cmd *cobra.Command, code int, err error) {
	for _, f := range fault.All(err) {
		fmt.Fprintln(a.Stderr, a.errorLine(f))
	}
	told := a.running || err != nil // else it was a help text or the version
	if told && (a.json || !a.running && askedForJSON(a.Args)) {
		a.document(cmd, code, err)
	}
}

// errorLine is a fault as one line. Where a terminal can show it, the place is
// coloured, or the cause where there is no place.
func (a *app) errorLine(f *fault.Fault) string {
	first := f.Position.String()
	if first == "" {
		first = f.Cause
	}
	return string(a.colourOn(a.Stderr, "31", oneLine(first))) + oneLine(strings.TrimPrefix(f.Error(), first))
}

// askedForJSON finds --json where the flags could not be read to their end.
func askedForJSON(args []string) bool {
	for _, arg := range args {
		if arg == "--json" || arg == "--json=true" {
			return true
		}
	}
	return false
}

// problem is a fault as scripts see it.
type problem struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Cause  string `json:"cause"`
	Remedy string `json:"remedy,omitempty"`
}

// document prints exactly one JSON document: the command, the exit code, what
// the command reports, and the errors.
func (a *app) document(cmd *cobra.Command, code int, err error) {
	problems := []problem{}
	for _, f := range fault.All(err) {
		problems = append(problems, problem{f.File, f.Line, f.Column, f.Cause, f.Remedy})
	}
	var b bytes.Buffer
	field := func(name string, value any) {
		text, _ := encode(value) // reports hold texts, numbers and times only
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		if name != "" {
			fmt.Fprintf(&b, "%q:", name)
		} else {
			text = bytes.TrimSuffix(bytes.TrimPrefix(text, []byte("{")), []byte("}"))
		}
		b.Write(text)
	}
	field("command", strings.TrimPrefix(cmd.CommandPath(), "failover-gen "))
	field("exit", code)
	for _, v := range a.verbs {
		if v.cmd == cmd {
			field("", v.report)
		}
	}
	field("errors", problems)
	var pretty bytes.Buffer
	_ = json.Indent(&pretty, []byte("{"+b.String()+"}"), "", "  ") // it was just encoded
	fmt.Fprintln(a.Stdout, pretty.String())
}

// encode is json.Marshal without escapes meant for web pages.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return bytes.TrimSpace(b.Bytes()), err
}

// styled is text of ours that may hold colours.
type styled string

// say prints lines for people, and nothing with --json or --quiet. Texts among
// args may come from bundles: they cannot begin a line of their own.
func (a *app) say(format string, args ...any) {
	if a.json || a.quiet {
		return
	}
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = oneLine(text)
		}
	}
	a.progress.aside(func() { fmt.Fprintf(a.Stdout, format+"\n", args...) })
}

// print prints a text that was made to be shown.
func (a *app) print(text string) {
	for line := range strings.Lines(text) {
		a.say("%s", strings.TrimSuffix(line, "\n"))
	}
}

// printSource prints lines of source, whose tabs stay.
func (a *app) printSource(text string) {
	if a.json || a.quiet {
		return
	}
	for line := range strings.Lines(text) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		for i := range parts {
			parts[i] = oneLine(parts[i])
		}
		fmt.Fprintln(a.Stdout, strings.Join(parts, "\t"))
	}
}

// warn prints what is odd but usable.
func (a *app) warn(warnings []string) {
	for _, w := range warnings {
		if !a.quiet {
			a.progress.aside(func() { fmt.Fprintln(a.Stderr, string(a.colourOn(a.Stderr, "33", "warning:"))+" "+oneLine(w)) })
		}
	}
}

// oneLine replaces the characters by which a name from a bundle could control the
// terminal, or look like another line.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// colour colours text where a terminal can show it. FORCE_COLOR is asked first,
// then NO_COLOR and TERM=dumb.
func (a *app) colour(code, text string) styled { return a.colourOn(a.Stdout, code, text) }

// colourOn colours text for one of the streams.
func (a *app) colourOn(stream io.Writer, code, text string) styled {
	if a.noColor || !a.wantsColour(stream) {
		return styled(text)
	}
	return styled("\x1b[" + code + "m" + text + "\x1b[0m")
}

func (a *app) wantsColour(stream io.Writer) bool {
	switch {
	case a.Getenv("FORCE_COLOR") != "":
		return a.Getenv("FORCE_COLOR") != "0"
	case a.Getenv("NO_COLOR") != "" || a.Getenv("TERM") == "dumb":
		return false
	}
	return isTerminal(stream)
}

// underlying is the stream that standard output writes to.
func underlying(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return o.Writer
	}
	return w
}

func isTerminal(stream any) bool {
	if h, ok := stream.(*held); ok {
		stream = h.to
	}
	if o, ok := stream.(*output); ok {
		stream = o.Writer
	}
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
