package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/drill/page"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// again is the command that repeats a drill with its seed.
func again(o drill.Options, seed uint64) string {
	words := []string{"failover-gen drill", shellWord(filepath.ToSlash(o.Dir))}
	if o.Live != nil {
		words = append(words, "--live --map "+shellWord(o.Live.Map))
		if o.Live.Clean {
			words = append(words, "--clean")
		}
	}
	for _, s := range o.Scenarios {
		words = append(words, "--scenario "+shellWord(s))
	}
	if o.Main != "" {
		words = append(words, "--main "+shellWord(filepath.ToSlash(o.Main)))
	}
	if o.Repeat != 1 {
		words = append(words, fmt.Sprintf("--repeat %d", o.Repeat))
	}
	if o.Writers != 1 {
		words = append(words, fmt.Sprintf("--writers %d", o.Writers))
	}
	return strings.Join(append(words, fmt.Sprintf("--seed %d", seed)), " ")
}

func bindReport(flags *pflag.FlagSet, file *string) {
	flags.StringVar(file, "report", "", "also write the results to this `FILE` as an HTML page with pictures; a file that is there is replaced")
}

// checkPage refuses before a drill a place where its page cannot be written.
func checkPage(file string) error {
	if file == "" {
		return nil
	}
	refuse := func(cause string, err error) error {
		return fault.Wrap(fault.Input, fault.In(filepath.ToSlash(file)), cause, "give --report the name of a file in a folder that exists and can be written to", err)
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return refuse("is not a plain file, so it cannot be replaced", nil)
	}
	draft, err := newDraft(file)
	if err != nil {
		return refuse("cannot be written: "+bare(err).Error(), err)
	}
	return errors.Join(draft.Close(), os.Remove(draft.Name()))
}

// writePage writes the page beside its place and renames it, so that the place
// holds the old page or the new one, whole. It returns the place; without a file it
// does nothing.
func (a *app) writePage(file string, r drill.Report, about page.About) (written string, err error) {
	if file == "" {
		return "", nil
	}
	html, err := page.HTML(r, about)
	if err != nil {
		return "", err
	}
	if err := replaceFile(file, html); err != nil {
		return "", fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(file)), "cannot be written: "+bare(err).Error(), "check the folder and the space of the disk, then drill with --seed "+fmt.Sprint(r.Seed), err)
	}
	a.say("written: %s", filepath.ToSlash(file))
	return filepath.ToSlash(file), nil
}

// replaceFile writes a file whole, or leaves what was there. A link stays one.
func replaceFile(file string, data []byte) error {
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	draft, err := newDraft(file)
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name()) // after the rename it is not there any more
	_, err = draft.Write(data)
	if err := errors.Join(err, draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), file)
}

// newDraft creates a file beside the place of another, with the usual permissions.
func newDraft(file string) (*os.File, error) {
	return os.OpenFile(fmt.Sprintf("%s.%d.tmp", file, os.Getpid()), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
}

// bare is an error of the system without the names of files that it repeats.
func bare(err error) error {
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case errors.As(err, &pathErr):
		return pathErr.Err
	case errors.As(err, &linkErr):
		return linkErr.Err
	}
	return err
}
