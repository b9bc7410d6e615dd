package storefile

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/failover-gen/failover-gen/keystore"
)

// A project imports one of the readers under one name. So its program, which is
// built here with the small reader, must build with this one too.
func TestProgramsBuildWithEitherReader(t *testing.T) {
	const program, small = "../../templates/hazelcast", `"github.com/failover-gen/failover-gen/keystore"`
	files, err := filepath.Glob(program + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	dir, replaced := t.TempDir(), map[string]string{}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(source, []byte(small)) {
			continue
		}
		source = bytes.Replace(source, []byte(small), []byte(`keystore "github.com/failover-gen/failover-gen/internal/storefile"`), 1)
		instead, from := filepath.Join(dir, filepath.Base(name)), ""
		if from, err = filepath.Abs(name); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(instead, source, 0o600); err != nil {
			t.Fatal(err)
		}
		replaced[from] = instead
	}
	if len(replaced) == 0 {
		t.Fatal("no file of the program imports the small reader")
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("go", "build", "-overlay", list, "-o", os.DevNull, ".")
	command.Dir = program
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("go build with the full reader: %v\n%s", err, out)
	}
}

// load.go names the variable that helps by this reason.
func TestBothReadersTellAWrongKeyPassword(t *testing.T) {
	data := testdata(t, "jks-diffpass.keystore")
	_, err := Decode(data, testPassword, "keypass23")
	if refused, ok := err.(*Error); !ok || refused.Reason != WrongKeyPassword {
		t.Errorf("full: %v", err)
	}
	_, err = keystore.Decode(data, testPassword, "keypass23")
	if refused, ok := err.(*keystore.Error); !ok || refused.Reason != keystore.WrongKeyPassword {
		t.Errorf("small: %v", err)
	}
}
