package wizard

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fake is a Prompter for tests. Each question must be expected, in order, and each
// answer must be used.
type fake struct {
	t       *testing.T
	answers []answer
	// offered are the options of the last Select.
	offered []string
}

// answer is what the user answers to a question.
type answer struct {
	question string
	// text is typed, or is the beginning of the option to choose, or yes or no; Enter
	// alone where it is empty.
	text string
	err  error
}

func newFake(t *testing.T, answers ...answer) *fake {
	f := &fake{t: t, answers: answers}
	t.Cleanup(f.allUsed)
	return f
}

// allUsed fails the test unless every question was asked.
func (f *fake) allUsed() {
	for _, unused := range f.answers {
		f.t.Errorf("not asked: %s", unused.question)
	}
}

func (f *fake) next(question string) answer {
	f.t.Helper()
	if len(f.answers) == 0 || f.answers[0].question != question {
		f.t.Errorf("asked %q, expected %v", question, f.answers)
		f.answers = nil
		return answer{err: fmt.Errorf("unexpected question %q", question)}
	}
	a := f.answers[0]
	f.answers = f.answers[1:]
	return a
}

func (f *fake) Select(question string, options []string, preset int) (int, error) {
	a := f.next(question)
	f.offered = options
	if a.text == "" || a.err != nil {
		return preset, a.err
	}
	i := slices.IndexFunc(options, func(o string) bool { return strings.HasPrefix(o, a.text) })
	if i < 0 {
		f.t.Errorf("%s: no option begins with %q: %q", question, a.text, options)
		return 0, ErrLeft
	}
	return i, nil
}

func (f *fake) Input(question, preset string, _ func(string) []string) (string, error) {
	a := f.next(question)
	if a.text == "" {
		a.text = preset
	}
	return a.text, a.err
}

func (f *fake) Password(question string) (string, error) {
	a := f.next(question)
	return a.text, a.err
}

func (f *fake) Confirm(question string, preset bool) (bool, error) {
	a := f.next(question)
	if a.text == "" {
		return preset, a.err
	}
	return a.text == "yes", a.err
}
