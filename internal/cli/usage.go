package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// usage makes a fault of an error about commands, flags and arguments.
func usage(cmd *cobra.Command, err error) error {
	if f := new(fault.Fault); errors.As(err, &f) {
		return f
	}
	cause, remedy := err.Error(), "see "+cmd.CommandPath()+" --help"
	var (
		unknown *pflag.NotExistError
		invalid *pflag.InvalidValueError
		without *pflag.ValueRequiredError
		syntax  *pflag.InvalidSyntaxError
	)
	switch {
	case errors.As(err, &unknown):
		cause, remedy = unknownFlag(cmd, unknown, remedy)
	case errors.As(err, &invalid):
		cause = fmt.Sprintf("--%s %s: %s", invalid.GetFlag().Name, invalid.GetValue(), refusals[invalid.GetFlag().Value.Type()])
	case errors.As(err, &without):
		cause = fmt.Sprintf("--%s needs a value", without.GetFlag().Name)
	case errors.As(err, &syntax):
		cause = fmt.Sprintf("%s is not a flag", syntax.GetSpecifiedFlag())
	default:
		if name, ok := strings.CutPrefix(cause, `unknown command "`); ok { // cobra has no type for this error
			name, _, _ = strings.Cut(name, `"`)
			cause, _, _ = strings.Cut(cause, "\n")
			remedy = didYouMean("", near(name, commands(cmd.Root())), remedy)
		}
	}
	return fault.Wrap(fault.Input, fault.Position{}, cause, remedy, err)
}

// atMost refuses more arguments than n.
func atMost(n int, refusal string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > n {
			return fmt.Errorf("%s, not %s", refusal, strings.Join(args, ", "))
		}
		return nil
	}
}

// refusals say by the type of a flag what is wrong with a value that it refused.
var refusals = map[string]string{
	"bool":     "is neither true nor false",
	"int":      "is not a whole number, or is too large",
	"duration": "is not a time such as 30s",
	"uint64":   "is not a whole number from 1, or is too large",
}

// unknownFlag says which flag was probably meant. A flag of a command that
// stands before the command is told where it belongs.
func unknownFlag(cmd *cobra.Command, unknown *pflag.NotExistError, remedy string) (cause, better string) {
	name, dashes := unknown.GetSpecifiedName(), "--"
	if short := unknown.GetSpecifiedShortnames(); short != "" {
		name, dashes = short, "-"
	}
	cause = "unknown flag " + dashes + name
	names := flagNames(cmd)
	if slices.Contains(names, name) { // one dash is missing
		return cause, didYouMean("--", []string{name}, remedy)
	}
	for _, c := range cmd.Commands() {
		if c.Flags().Lookup(name) != nil {
			return cause, fmt.Sprintf("write it after the command: %s --%s", c.CommandPath(), name)
		}
	}
	return cause, didYouMean("--", near(name, names), remedy)
}

// didYouMean puts the names before the remedy, if there are any.
func didYouMean(prefix string, names []string, remedy string) string {
	if len(names) == 0 {
		return remedy
	}
	return "did you mean " + prefix + strings.Join(names, " or "+prefix) + "? " + remedy
}

func flagNames(cmd *cobra.Command) (names []string) {
	add := func(f *pflag.Flag) { names = append(names, f.Name) }
	cmd.LocalFlags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return names
}

func commands(root *cobra.Command) (names []string) {
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	return names
}

// near returns the names that were probably meant by word: those that begin
// with it, or else those that the fewest typing errors lead to, at most one for
// every three characters.
func near(word string, names []string) []string {
	const shortest = 2 // a single character begins too many names
	word = strings.ToLower(word)
	var found []string
	if len(word) >= shortest {
		found = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.HasPrefix(name, word) })
	}
	if len(found) > 0 {
		return found
	}
	least := max(1, len(word)/3)
	for _, name := range names {
		switch d := distance(word, name); {
		case d < least:
			least, found = d, []string{name}
		case d == least:
			found = append(found, name)
		}
	}
	return found
}

// distance counts the characters to insert, remove, replace, or exchange with
// their neighbour to make b of a.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replace := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, replace)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
