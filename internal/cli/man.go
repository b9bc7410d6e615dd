package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// manReport is what man says with --json.
type manReport struct {
	Files []string `json:"files"`
}

// man is for packagers, so that the help does not list it.
func (a *app) man() verb {
	report := &manReport{Files: []string{}}
	cmd := &cobra.Command{
		Use:     "man DIR",
		Short:   "Write a manual page for each command",
		Long:    "Write a manual page for each command to DIR. Equal versions of failover-gen write equal pages.",
		Example: "  failover-gen man /usr/local/share/man/man1",
		Hidden:  true,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return manFault(args[0], err)
			}
			for _, c := range append([]*cobra.Command{cmd.Root()}, cmd.Root().Commands()...) {
				if c != cmd.Root() && !c.IsAvailableCommand() {
					continue
				}
				page, err := manPage(c)
				if err != nil {
					return err
				}
				path := filepath.Join(args[0], strings.ReplaceAll(c.CommandPath(), " ", "-")+".1")
				if err := os.WriteFile(path, page, 0o644); err != nil {
					return manFault(path, err)
				}
				report.Files = append(report.Files, filepath.ToSlash(path))
				a.say("%s", filepath.ToSlash(path))
			}
			return nil
		},
	}
	return verb{cmd, report}
}

// manPage is the page of a command without a date, so that it only changes with
// the command. github.com/spf13/cobra/doc v1.10.2 takes the present day where it is
// given no date, so we give one that cannot be meant, and take it out.
func manPage(c *cobra.Command) ([]byte, error) {
	c.DisableAutoGenTag = true
	var b bytes.Buffer
	err := doc.GenMan(c, &doc.GenManHeader{Section: "1", Source: "failover-gen", Manual: "failover-gen", Date: &time.Time{}}, &b)
	return bytes.Replace(b.Bytes(), []byte(`"Jan 0001"`), []byte(`""`), 1), err
}

func manFault(path string, err error) error {
	return fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(path)), "cannot be written: "+err.Error(), "check the path and its permissions", err)
}
