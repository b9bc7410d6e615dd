package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

func ioctl(t *testing.T, f *os.File, request uintptr, value unsafe.Pointer) {
	t.Helper()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(value)); errno != 0 {
		t.Fatal(errno)
	}
}

// terminals opens both ends of a terminal: the user's, and the command's.
func terminals(t *testing.T) (user, command *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	t.Cleanup(func() { user.Close() })
	var unlocked, number int32
	ioctl(t, user, syscall.TIOCSPTLCK, unsafe.Pointer(&unlocked))
	ioctl(t, user, syscall.TIOCGPTN, unsafe.Pointer(&number))
	command, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	t.Cleanup(func() { command.Close() })
	return user, command
}

// Ctrl-C and Ctrl-D end the prompt, and the terminal shows again what is typed. The
// last case holds that a password can be typed at all.
func TestWhatEndsThePasswordPrompt(t *testing.T) {
	for name, c := range map[string]struct {
		typed string
		code  int
	}{
		"Ctrl-C behind a text": {"half a pass\x03", 130},
		"Ctrl-C":               {"\x03", 130},
		"Ctrl-D":               {"\x04", 130},
		"Ctrl-D behind a text": {"half a pass\x04", 130},
		"a wrong password":     {"wrong\r", 2},
		"the password":         {corpusPassword + "x\x7f\r", 0},
	} {
		t.Run(name, func(t *testing.T) { endsPasswordPrompt(t, c.typed, c.code) })
	}
}

func endsPasswordPrompt(t *testing.T, typed string, code int) {
	user, command := terminals(t)
	store, err := filepath.Abs(filepath.Join(corpus, "jks-chain.keystore"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "inspect", store)
	cmd.Env = append(os.Environ(), mainVariable+"=1")
	cmd.Stdin, cmd.Stderr = command, command
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	var before syscall.Termios
	ioctl(t, command, syscall.TCGETS, unsafe.Pointer(&before))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	state := func() (now syscall.Termios) {
		ioctl(t, command, syscall.TCGETS, unsafe.Pointer(&now))
		return now
	}
	shown := ""
	for buffer := make([]byte, 1024); !strings.Contains(shown, "Password of ") || !strings.HasSuffix(shown, ": "); {
		n, err := user.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		shown += string(buffer[:n])
	}
	if state().Lflag&syscall.ECHO != 0 {
		t.Error("the terminal shows what is typed")
	}
	if _, err := user.WriteString(typed); err != nil {
		t.Fatal(err)
	}
	over := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
	defer over.Stop()
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("exit %d, want %d", got, code)
	}
	if state() != before {
		t.Error("the terminal is not as it was")
	}
}
