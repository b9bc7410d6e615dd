package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/drill/page"
	"github.com/failover-gen/failover-gen/internal/fault"
)

func TestACommandRepeatsADrill(t *testing.T) {
	for want, o := range map[string]drill.Options{
		"failover-gen drill . --seed 7": {Dir: ".", Repeat: 1, Writers: 1},
		"failover-gen drill 'my orders' --scenario kill --scenario slow --main cmd/x --repeat 2 --writers 64 --seed 7": {
			Dir: "my orders", Scenarios: []string{"kill", "slow"}, Main: "cmd/x", Repeat: 2, Writers: 64},
		"failover-gen drill orders --live --map m --clean --scenario kill --seed 7": {
			Dir: "orders", Scenarios: []string{"kill"}, Live: &drill.Live{Map: "m", Clean: true}, Repeat: 1, Writers: 1},
	} {
		if got := again(o, 7); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

func TestAReportIsRefusedBeforeTheDrillWhereItCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	for place, want := range map[string]string{
		dir: "is not a plain file", os.DevNull: "is not a plain file",
		filepath.Join(dir, "absent", "drill.html"): "cannot be written: no such file or directory",
	} {
		err := checkPage(place)
		if err == nil || !strings.Contains(err.Error(), want) || fault.ExitCode(err) != int(fault.Input) {
			t.Errorf("%s: %v, want %q", place, err, want)
		}
	}
	if err := checkPage(filepath.Join(dir, "drill.html")); err != nil {
		t.Error(err)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
}

func TestAReportReplacesTheOldOneAndKeepsALink(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "drill.html"), filepath.Join(dir, "latest.html")
	if err := os.WriteFile(file, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("drill.html", link); err != nil {
		t.Skip("links cannot be made here: ", err)
	}
	a := &app{common: common{quiet: true}}
	if written, err := a.writePage(link, drill.Report{Project: "orders", Noun: "cluster"}, page.About{}); err != nil || written != filepath.ToSlash(link) {
		t.Fatal(written, err)
	}
	if data, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(data), "<!DOCTYPE html>") {
		t.Errorf("the file holds %q, %v", data, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 2 {
		t.Errorf("left behind: %v", files)
	}
}
