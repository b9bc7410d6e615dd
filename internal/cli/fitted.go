package cli

import (
	"os"
	"strings"

	"golang.org/x/term"
)

// columns is how wide a line may be that leaves the last column of the terminal free;
// 0 where output is not a terminal.
func (a *app) columns() int {
	if f, ok := underlying(a.Stdout).(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width - 1
		}
	}
	return 0
}

// printFitted prints a text as print does, with lines that fit the terminal.
func (a *app) printFitted(text string) {
	for line := range strings.Lines(text) {
		for _, part := range hanging(strings.TrimSuffix(line, "\n"), a.columns()) {
			a.say("%s", part)
		}
	}
}

// hanging breaks a line between words where it is wider than given. What follows
// begins below the second column of the line, if it has columns. 0 breaks nothing.
func hanging(line string, width int) (lines []string) {
	if width == 0 {
		return []string{line}
	}
	const usual = 4
	indent := usual
	text := strings.TrimLeft(line, " ")
	if first, second, ok := strings.Cut(text, "  "); ok && first != "" {
		if column := len(line) - len(strings.TrimLeft(second, " ")); column <= width/2 {
			indent = column
		}
	}
	rest := []rune(line)
	for len(rest) > width {
		at := width
		for at > indent && rest[at] != ' ' {
			at--
		}
		if at <= indent { // one long word
			break
		}
		lines = append(lines, strings.TrimRight(string(rest[:at]), " "))
		rest = []rune(strings.Repeat(" ", indent) + strings.TrimLeft(string(rest[at:]), " "))
	}
	return append(lines, string(rest))
}
