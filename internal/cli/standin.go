package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// standinReport is what standin says with --json, in the end.
type standinReport struct {
	Project  string   `json:"project"`
	StandIns []string `json:"standIns"`
	Faults   []string `json:"faults"` // that were thrown, in order
}

// maxKept bounds --members.
const maxKept = 16

func (a *app) standin() verb {
	var env string
	members := 1
	report := &standinReport{StandIns: []string{}, Faults: []string{}}
	cmd := &cobra.Command{
		Use:   "standin [DIR]",
		Short: "Keep stand-ins up for a project that you run by hand, and break them as you say",
		Long: "Start a stand-in for each cluster of the project in DIR (default: here), or for each endpoint of a web service, and\n" +
			"print the environment in which the project uses them. They stay up until you press q or Ctrl-C. Run the project in\n" +
			"another terminal in that environment, and watch what it does when a stand-in fails.\n\n" + standinHelp(),
		Example: "  failover-gen standin orders\n  failover-gen standin orders --env stand-ins.env",
		Args:    atMost(1, "standin takes one folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			if members < 1 || members > maxKept {
				return fault.New(fault.Input, fault.Position{}, fmt.Sprintf("--members %d: is not between 1 and %d", members, maxKept), "leave it out for one")
			}
			return a.keepStandIns(cmd.Context(), dir, members, env, report)
		},
	}
	cmd.Flags().StringVar(&env, "env", "", "write the environment to this `FILE`, which must not exist yet, and remove it at the end")
	cmd.Flags().IntVar(&members, "members", 1, "`NUMBER` of members of each cluster")
	return verb{cmd, report}
}

// standinHelp lists what can be done to stand-ins.
func standinHelp() string {
	var b strings.Builder
	b.WriteString("On a terminal press a key; a digit chooses the stand-in. Elsewhere give lines like \"kill 1\" on standard input:\n")
	for _, f := range drill.Faults {
		fmt.Fprintf(&b, "  %c  %-9s  %s\n", f.Key, f.Name, f.About)
	}
	b.WriteString("  s  status     say how each stand-in is\n  q  quit       end the stand-ins")
	return b.String()
}

// keepStandIns keeps stand-ins up until ctx ends or the user quits. To be ended by a
// signal is what a command like this is for, and no error.
func (a *app) keepStandIns(ctx context.Context, dir string, members int, env string, report *standinReport) error {
	kept, err := drill.Keep(dir, members)
	if err != nil {
		return err
	}
	defer kept.Stop()
	report.Project, report.StandIns = filepath.ToSlash(dir), kept.Names()
	if env != "" {
		if err := writeEnv(env, kept.Env()); err != nil {
			return err
		}
		defer os.Remove(env)
	}
	a.tellKept(kept, dir, env)
	h := &hand{app: a, kept: kept, report: report, chosen: 1}
	return h.obey(ctx)
}

// tellKept prints how the project is run on the stand-ins.
func (a *app) tellKept(kept *drill.Kept, dir, env string) {
	if env == "" {
		for _, v := range kept.Env() {
			a.say("%s", exported(v))
		}
	}
	names := kept.Names()
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", i+1, name)
	}
	a.say("# up: %s", strings.Join(names, ", "))
	source := "with these variables"
	if env != "" {
		source = ". " + sourced(env)
	}
	a.say("# in another terminal: %s; cd %s && go run .", source, shellWord(filepath.ToSlash(dir)))
}

// writeEnv writes the environment to a file that only the user can read.
func writeEnv(path string, env []string) error {
	var b strings.Builder
	for _, v := range env {
		b.WriteString(exported(v) + "\n")
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.Wrap(fault.Input, fault.In(filepath.ToSlash(path)), "exists already", "give --env a file that does not exist yet", err)
	}
	if err == nil {
		_, err = file.WriteString(b.String())
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(path)), "cannot be written: "+err.Error(), "give --env another file", err)
	}
	return nil
}

// exported is NAME=VALUE as a line of a POSIX shell.
func exported(variable string) string {
	name, value, _ := strings.Cut(variable, "=")
	return "export " + name + "=" + shellWord(value)
}

// sourced is the path of a file as the command "." of a POSIX shell takes it: without
// a folder it would look along PATH.
func sourced(path string) string {
	if path = filepath.ToSlash(path); !strings.Contains(path, "/") {
		path = "./" + path
	}
	return shellWord(path)
}

// hand does to stand-ins what the user says.
type hand struct {
	*app
	kept   *drill.Kept
	report *standinReport
	chosen int    // the stand-in that keys are about
	tail   string // what ends a line: a terminal that gives single keys does not return to its first column
}

// obey reads keys from a terminal, or else lines, until the user quits or ctx ends.
// When the lines end it waits for ctx.
func (h *hand) obey(ctx context.Context) error {
	said := make(chan string)
	in, isFile := h.Stdin.(*os.File)
	if isFile && term.IsTerminal(int(in.Fd())) {
		before, err := term.MakeRaw(int(in.Fd()))
		if err != nil {
			return fault.Wrap(fault.Environment, fault.Position{}, "the terminal gives no single keys: "+err.Error(), "give the commands on standard input through a pipe", err)
		}
		defer func() { _ = term.Restore(int(in.Fd()), before) }() // nothing can be done about it
		h.tail = "\r"
		h.tell("1-" + strconv.Itoa(len(h.report.StandIns)) + " choose, " + keys() + "s status, q quit")
		go readKeys(ctx, in, said)
	} else {
		go readLines(ctx, h.Stdin, said)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case line, ok := <-said:
			switch {
			case !ok:
				said = nil // waits for ctx
			case h.do(strings.Fields(line)):
				return nil
			}
		}
	}
}

func keys() string {
	var b strings.Builder
	for _, f := range drill.Faults {
		fmt.Fprintf(&b, "%c %s, ", f.Key, f.Name)
	}
	return b.String()
}

// do carries out one command, and reports whether it was to quit.
func (h *hand) do(words []string) (quit bool) {
	if len(words) == 0 {
		return false
	}
	n := h.chosen
	if len(words) > 1 {
		n, _ = strconv.Atoi(words[1]) // a word that is no number is refused as 0
	}
	switch words[0] {
	case "quit":
		return true
	case "status":
		for _, line := range h.kept.Status() {
			h.tell(line)
		}
	case "choose":
		if n >= 1 && n <= len(h.report.StandIns) {
			h.chosen = n
			h.tell("chosen: " + strconv.Itoa(n) + " " + h.report.StandIns[n-1])
		}
	default:
		done, err := h.kept.Throw(words[0], n)
		if err != nil {
			fmt.Fprintln(h.Stderr, oneLine(err.Error())+h.tail)
			return false
		}
		h.report.Faults = append(h.report.Faults, fmt.Sprintf("%s %d", words[0], n))
		h.tell(done)
	}
	return false
}

func (h *hand) tell(line string) { h.say("%s"+h.tail, line) }

// readLines passes lines on until there are no more.
func readLines(ctx context.Context, in io.Reader, said chan<- string) {
	defer close(said)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		select {
		case said <- lines.Text():
		case <-ctx.Done():
			return
		}
	}
}

// readKeys passes on what keys stand for. Ctrl-C and Ctrl-D quit.
func readKeys(ctx context.Context, in io.Reader, said chan<- string) {
	defer close(said)
	commands := map[byte]string{'q': "quit", '\x03': "quit", '\x04': "quit", 's': "status"}
	for _, f := range drill.Faults {
		commands[f.Key] = f.Name
	}
	for n := byte('1'); n <= '9'; n++ {
		commands[n] = "choose " + string(n)
	}
	for key := make([]byte, 1); ; {
		if _, err := in.Read(key); err != nil {
			return
		}
		if commands[key[0]] == "" {
			continue
		}
		select {
		case said <- commands[key[0]]:
		case <-ctx.Done():
			return
		}
	}
}
