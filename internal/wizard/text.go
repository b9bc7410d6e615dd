package wizard

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

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

// elided is text with its middle left out where it is wider than width.
func elided(text string, width int) string {
	const gap = "..."
	runes := []rune(text)
	if len(runes) <= width || width <= len(gap) {
		return text
	}
	left := (width - len(gap)) / 2
	right := width - len(gap) - left
	return string(runes[:left]) + gap + string(runes[len(runes)-right:])
}

// Wrapped breaks text between words into lines that are at most as wide as given,
// and begin with indent. A word that is wider than a line keeps one of its own.
func Wrapped(text, indent string, width int) []string {
	var lines []string
	line, columns := "", 0
	for _, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
		if line != "" && columns+1+length > width {
			lines = append(lines, line)
			line = ""
		}
		if line == "" {
			line, columns = indent+word, len(indent)+length
		} else {
			line, columns = line+" "+word, columns+1+length
		}
	}
	return append(lines, line)
}
