package wizard

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/AlecAivazis/survey/v2"
	"github.com/AlecAivazis/survey/v2/core"
	"github.com/AlecAivazis/survey/v2/terminal"
)

// surveyed asks with github.com/AlecAivazis/survey/v2, which needs a terminal that
// moves its cursor and tells where it is. This is the only file that knows survey.
type surveyed struct {
	in  *keyboard
	out *display
}

// look is how survey's questions look, for the one that it does not ask.
var look = &survey.PromptConfig{
	Icons:        survey.IconSet{Question: survey.Icon{Text: "?", Format: "green+hb"}},
	SuggestInput: "tab",
}

// InTerminal asks in a terminal: the arrow keys choose, Tab completes.
func InTerminal(ctx context.Context, in, out *os.File, colours bool) Prompter {
	core.DisableColor = !colours
	// The hints of survey v2.3.7 are longer than a narrow terminal is wide.
	survey.SelectQuestionTemplate = strings.Replace(survey.SelectQuestionTemplate, "[Use arrows to move, type to filter", "[arrow keys", 1)
	survey.InputQuestionTemplate = strings.Replace(survey.InputQuestionTemplate, " for suggestions", " completes", 1)
	keys := &keyboard{File: in, ctx: ctx, raw: true}
	return &surveyed{in: keys, out: &display{out, keys}}
}

// ask asks one question of survey.
//
// Works around four faults of survey v2.3.7: it takes Ctrl-D for Enter; while it waits
// for the terminal to tell where the cursor is, it ignores Ctrl-C and loses what is
// typed behind the answer; and it panics when that wait fails. So the keyboard ends
// the reading at both keys, and never reads beyond such an answer.
func (s *surveyed) ask(p survey.Prompt, answer any) (err error) {
	defer func() {
		if s.in.left || s.in.ctx.Err() != nil {
			if caught := recover(); caught != nil {
				err = ErrLeft
			}
			fmt.Fprint(s.out, "\x1b[?25h\r\n") // the cursor is shown again, and the shell starts on a line of its own
		}
	}()
	return survey.AskOne(p, answer, survey.WithStdio(s.in, s.out, s.out), survey.WithShowCursor(true))
}

// asked is a question with what ends it.
func asked(question string) string {
	if strings.HasSuffix(question, "?") {
		return question
	}
	return question + ":"
}

func (s *surveyed) Select(question string, options []string, preset int) (int, error) {
	var chosen int
	err := s.ask(&survey.Select{Message: asked(question), Options: options, Default: max(preset, 0)}, &chosen)
	return chosen, err
}

func (s *surveyed) Input(question, preset string, complete func(string) []string) (string, error) {
	data := survey.InputTemplateData{Config: look,
		Input: survey.Input{Message: asked(question), Default: preset, Suggest: complete}}
	painted, plain, err := core.RunTemplate(survey.InputQuestionTemplate, data)
	if err != nil {
		return "", err
	}
	screen := terminal.NewAnsiStdout(s.out)
	line, rows, err := editedLine(s.in, screen, prompt{plain, painted}, complete)
	if err != nil {
		return "", err
	}
	for cursor := (&terminal.Cursor{In: s.in, Out: s.out}); rows > 0; rows-- {
		_ = cursor.PreviousLine(1)
		_ = terminal.EraseLine(s.out, terminal.ERASE_LINE_ALL)
	}
	data.ShowAnswer, data.Answer = true, cmp.Or(line, preset)
	shown, _, err := core.RunTemplate(survey.InputQuestionTemplate, data)
	fmt.Fprint(screen, shown)
	return data.Answer, err
}

func (s *surveyed) Password(question string) (string, error) {
	var text string
	err := s.ask(&survey.Password{Message: asked(question)}, &text)
	return text, err
}

func (s *surveyed) Confirm(question string, preset bool) (bool, error) {
	var yes bool
	err := s.ask(&survey.Confirm{Message: asked(question), Default: preset}, &yes)
	return yes, err
}
