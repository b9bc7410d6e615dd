package wizard

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// maxListed is how many ways to go on are listed.
const maxListed = 20

// editedLine reads a line that the user can edit, and says how many rows of the terminal
// the prompt and the line take. The cursor is then below them.
//
// Survey v2.3.7 is not used for it: its Input erases lines above the question where the
// answer is wider than the terminal, or was chosen among suggestions.
func editedLine(in *keyboard, out io.Writer, p prompt, complete func(string) []string) (line string, rows int, err error) {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return "", 0, err
	}
	defer term.Restore(int(in.Fd()), before)
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, &painter{out, p}}, p.plain)
	width, height, err := term.GetSize(int(in.Fd()))
	if err != nil || width < 1 {
		width, height = 80, 24
	}
	if err := t.SetSize(width, height); err != nil {
		return "", 0, err
	}
	t.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) {
		if key != '\t' || complete == nil {
			return "", 0, false
		}
		more, list := completed(line[:pos], complete)
		if list != "" {
			fmt.Fprint(t, list)
		}
		return more + line[pos:], len(more), true
	}
	line, err = t.ReadLine()
	if err != nil {
		fmt.Fprint(out, "\r\n")
		return "", 0, err
	}
	return line, (utf8.RuneCountInString(p.plain)+utf8.RuneCountInString(line))/width + 1, nil
}

// prompt is a question without and with its colours.
type prompt struct{ plain, painted string }

// painter writes to a terminal, with the prompt in its colours. Works around a fault of
// golang.org/x/term v0.47.0: it takes part of a colour for text where a prompt with its
// colours is longer than a line.
type painter struct {
	io.Writer
	prompt prompt
}

func (w *painter) Write(p []byte) (int, error) {
	_, err := w.Writer.Write(bytes.Replace(p, []byte(w.prompt.plain), []byte(w.prompt.painted), 1))
	return len(p), err
}

// completed is what was typed, with all that every way to go on has in common. Where
// that adds nothing, it lists the ways.
func completed(typed string, complete func(string) []string) (more, list string) {
	ways := complete(typed)
	if len(ways) == 0 {
		return typed, ""
	}
	common := ways[0]
	for _, way := range ways[1:] {
		for !strings.HasPrefix(way, common) {
			_, last := utf8.DecodeLastRuneInString(common)
			common = common[:len(common)-last]
		}
	}
	if len(ways) == 1 || len(common) > len(typed) {
		return common, ""
	}
	folder := strings.LastIndexByte(common, os.PathSeparator) + 1
	var b strings.Builder
	for i, way := range ways {
		if i == maxListed {
			fmt.Fprintf(&b, "  and %d more\n", len(ways)-i)
			break
		}
		fmt.Fprintf(&b, "  %s\n", way[folder:])
	}
	return typed, b.String()
}
