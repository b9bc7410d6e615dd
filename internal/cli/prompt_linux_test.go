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

func TestCtrlCEndsThePasswordPrompt(t *testing.T) {
	user, command := terminals(t)
	store, err := filepath.Abs(filepath.Join(corpus, "jks-chain.keystore"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "inspect", store)
	cmd.Env = append(os.Environ(), mainVariable+"=1")
	cmd.Stdin, cmd.Stderr = command, command
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	shows := func() bool {
		var state syscall.Termios
		ioctl(t, command, syscall.TCGETS, unsafe.Pointer(&state))
		return state.Lflag&syscall.ECHO != 0
	}
	shown := ""
	for buffer := make([]byte, 1024); !strings.Contains(shown, "Password of ") || shows(); {
		n, err := user.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		shown += string(buffer[:n])
		for strings.HasSuffix(shown, ": ") && shows() { // not asked for yet
			time.Sleep(time.Millisecond)
		}
	}
	if _, err := user.WriteString("half a pass\x03"); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit %d, want 130", code)
	}
	if !shows() {
		t.Error("the terminal no longer shows what is typed")
	}
}
