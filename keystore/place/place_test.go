package place

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestNamesCountFromTheSecondCluster(t *testing.T) {
	for n, want := range map[int][2]string{
		1:  {"client.keystore", "client.truststore"},
		2:  {"client2.keystore", "client2.truststore"},
		12: {"client12.keystore", "client12.truststore"},
	} {
		keystore, truststore := Names(n)
		if got := [2]string{keystore, truststore}; got != want {
			t.Errorf("Names(%d) = %v, want %v", n, got, want)
		}
	}
}

func open(t *testing.T) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root, dir
}

// onlyFiles fails when anything but names is in dir: temporary files must go.
func onlyFiles(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(names) {
		t.Errorf("%s holds %v, want %v", dir, entries, names)
	}
}

func TestWriteIsIdenticalAndPrivate(t *testing.T) {
	root, dir := open(t)
	data := []byte("\xfe\xed\xfe\xed\r\n\x00")
	for step, want := range []bool{true, false} {
		changed, err := Write(root, "client.keystore", data)
		if err != nil || changed != want {
			t.Fatalf("write %d: changed %v, error %v, want changed %v", step+1, changed, err, want)
		}
	}
	path := filepath.Join(dir, "client.keystore")
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("the file holds %q, %v", got, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	onlyFiles(t, dir, "client.keystore")
}

func TestWriteTightensTheModeOfAnExistingFile(t *testing.T) {
	root, dir := open(t)
	path := filepath.Join(dir, "client.keystore")
	if err := os.WriteFile(path, []byte("same"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	changed, err := Write(root, "client.keystore", []byte("same"))
	if err != nil || !changed {
		t.Fatalf("changed %v, error %v", changed, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
}

func TestWriteReplacesOtherContent(t *testing.T) {
	root, dir := open(t)
	for _, data := range []string{"one", "two"} {
		if changed, err := Write(root, "client.keystore", []byte(data)); err != nil || !changed {
			t.Fatalf("changed %v, error %v", changed, err)
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, "client.keystore"))
	if err != nil || string(got) != "two" {
		t.Errorf("the file holds %q, %v", got, err)
	}
	onlyFiles(t, dir, "client.keystore")
}

func TestWriteRefusesLinksAndFolders(t *testing.T) {
	root, dir := open(t)
	victim := filepath.Join(dir, "victim")
	if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "real"), 0o700); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"client.keystore": "victim", "client.truststore": "nowhere", "resources": "real"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip("this system has no symbolic links: ", err)
		}
	}
	for _, name := range []string{"client.keystore", "client.truststore", "resources/client.keystore", "real"} {
		if changed, err := Write(root, name, []byte("x")); !errors.Is(err, ErrNotRegular) || changed {
			t.Errorf("%s: changed %v, error %v, want ErrNotRegular", name, changed, err)
		}
	}
	if got, err := os.ReadFile(victim); err != nil || string(got) != "precious" {
		t.Errorf("the link's target holds %q, %v", got, err)
	}
	onlyFiles(t, dir, "victim", "real", "client.keystore", "client.truststore", "resources")
	onlyFiles(t, filepath.Join(dir, "real"))
}

func TestWriteStaysInsideTheRoot(t *testing.T) {
	root, dir := open(t)
	if changed, err := Write(root, "../escaped", []byte("x")); err == nil || changed {
		t.Errorf("changed %v, error %v", changed, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "..", "escaped")); err == nil {
		t.Error("a file appeared outside the root")
	}
}

func TestWriteNeedsItsFolder(t *testing.T) {
	root, dir := open(t)
	if changed, err := Write(root, "resources/client.keystore", []byte("x")); !errors.Is(err, os.ErrNotExist) || changed {
		t.Errorf("changed %v, error %v, want ErrNotExist", changed, err)
	}
	onlyFiles(t, dir)
}
