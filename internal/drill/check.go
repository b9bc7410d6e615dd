package drill

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// checkTimeout is how long the project's own check may take: it reads a few files.
const checkTimeout = 30 * time.Second

// checkFlag finds the flag -check in the source of a program.
var checkFlag = regexp.MustCompile(`flag\.Bool(?:Var)?\([^"\n]*"check"`)

// checkItself runs the project with -check and the user's own .env: a drill gives
// the project other settings, and so does not notice a fault in the user's. The
// note says in one line what was done. The program runs only if its source has
// the flag, because a program that ignores it would connect to real clusters.
func (p *project) checkItself(ctx context.Context, binary string) (note string, err error) {
	if _, err := os.Stat(filepath.Join(p.dir, ".env")); errors.Is(err, fs.ErrNotExist) {
		return "not checked: the project has no .env, so there are no settings of your own to check", nil
	}
	if !p.hasCheck() {
		return "not checked: the project's main.go has no flag -check to check your own settings with; that of a new project has one", nil
	}
	limited, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	cmd := exec.CommandContext(limited, binary, "-check")
	cmd.Dir = p.dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "FAILOVER_HOME=") || strings.HasPrefix(v, "FAILOVER_LEDGER=")
	})
	inOwnGroup(cmd)
	cmd.WaitDelay = time.Second
	var said strings.Builder
	cmd.Stderr = &said
	switch err := cmd.Run(); {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		cause := "the project does not accept its own settings (-check): " + reasons(said.String(), err)
		return "", fault.Wrap(fault.Finding, fault.In(p.dir), cause, "repair what it names; go run . -check in that folder says whether it is enough", err)
	}
	return "checked: the project accepts your own settings and stores (-check)", nil
}

// hasCheck reports whether the program has the flag -check.
func (p *project) hasCheck() bool {
	sources, _ := filepath.Glob(filepath.Join(p.main, "*.go")) // the pattern is valid
	return slices.ContainsFunc(sources, func(name string) bool {
		text, err := os.ReadFile(name)
		return err == nil && checkFlag.Match(text)
	})
}

// reasons joins the lines of a failed check, without those of its log.
func reasons(said string, err error) string {
	var lines []string
	for line := range strings.Lines(said) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "time=") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return err.Error()
	}
	return strings.Join(lines, " | ")
}
