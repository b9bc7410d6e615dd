package wizard

import (
	"errors"
	"io"
	"os"

	"golang.org/x/term"
)

// Prompter asks one question at a time. Its errors are ErrLeft, ErrNoAnswer, and
// those of the terminal.
type Prompter interface {
	// Select lets the user choose one of the options, which are different texts. The
	// one at preset is chosen by Enter alone.
	Select(question string, options []string, preset int) (int, error)
	// Input asks for a text; Enter alone means preset. The function complete, which may
	// be nil, lists how a text that is half typed can go on.
	Input(question, preset string, complete func(typed string) []string) (string, error)
	// Password asks for a text that is not shown.
	Password(question string) (string, error)
	// Confirm asks for yes or no; Enter alone means preset.
	Confirm(question string, preset bool) (bool, error)
}

var (
	// ErrLeft says that the user left by Ctrl-C or Ctrl-D.
	ErrLeft = errors.New("the user left the wizard")
	// ErrNoAnswer says that a question has no default, and nobody to ask.
	ErrNoAnswer = errors.New("nothing answers this question")
)

// CanPrompt reports whether a user can be asked: there is a terminal on both ends.
func CanPrompt(in io.Reader, out io.Writer) bool {
	i, read := in.(*os.File)
	o, written := out.(*os.File)
	return read && written && term.IsTerminal(int(i.Fd())) && term.IsTerminal(int(o.Fd()))
}

// Defaults is a Prompter that asks nobody and answers with the defaults.
type Defaults struct{}

// Select answers preset, which is below 0 where there is no default.
func (Defaults) Select(_ string, _ []string, preset int) (int, error) {
	if preset < 0 {
		return 0, ErrNoAnswer
	}
	return preset, nil
}

// Input answers preset, which is empty where there is no default.
func (Defaults) Input(_, preset string, _ func(string) []string) (string, error) {
	if preset == "" {
		return "", ErrNoAnswer
	}
	return preset, nil
}

// Password has no default.
func (Defaults) Password(string) (string, error) { return "", ErrNoAnswer }

// Confirm answers preset.
func (Defaults) Confirm(_ string, preset bool) (bool, error) { return preset, nil }
