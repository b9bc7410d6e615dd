//go:build unix

package golden

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"testing"
	"time"
	_ "time/tzdata" // time zones, also where the system has none

	"github.com/failover-gen/failover-gen/internal/cli"
)

// Settings of a process that is started as the command line.
const (
	// settingNow makes a process of this test binary the command line, with
	// the clock standing still at an RFC 3339 time.
	settingNow = "FAILOVER_GOLDEN_NOW"
	// settingUmask is the process's umask, in octal.
	settingUmask = "FAILOVER_GOLDEN_UMASK"
	// settingFileSize is how large a file can be, in bytes, before writing to
	// it fails as on a full disk.
	settingFileSize = "FAILOVER_GOLDEN_FILE_SIZE"
	// settingUser, when it is "nobody", gives up root's rights over files.
	settingUser = "FAILOVER_GOLDEN_USER"
)

const nobody = 65534

func TestMain(m *testing.M) {
	if now := os.Getenv(settingNow); now != "" {
		os.Exit(commandLine(now))
	}
	os.Exit(m.Run())
}

// commandLine is failover-gen's main.
func commandLine(now string) int {
	clock, err := time.Parse(time.RFC3339, now)
	if err == nil {
		err = prepare()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "golden:", err)
		return 99
	}
	return cli.Main(cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		LookupEnv: os.LookupEnv, Now: func() time.Time { return clock },
	})
}

// prepare makes the process as its settings say.
func prepare() error {
	if text := os.Getenv(settingUmask); text != "" {
		mask, err := strconv.ParseUint(text, 8, 9)
		if err != nil {
			return err
		}
		syscall.Umask(int(mask))
	}
	if text := os.Getenv(settingFileSize); text != "" {
		size, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			return err
		}
		signal.Ignore(syscall.SIGXFSZ) // so that writing fails with an error
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: size}); err != nil {
			return err
		}
	}
	if os.Getenv(settingUser) == "nobody" && os.Geteuid() == 0 {
		return syscall.Setuid(nobody)
	}
	return nil
}
