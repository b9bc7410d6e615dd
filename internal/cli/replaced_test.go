package cli

import (
	"testing"

	"github.com/failover-gen/failover-gen/internal/tree"
)

// A store that no known password opens is named, and nothing is said of what is in it.
func TestAStoreThatDoesNotOpenIsNotShown(t *testing.T) {
	if got := certificates([]byte("no store"), "", ""); len(got) != 0 {
		t.Errorf("%v", got)
	}
	list := []replacedStore{{Path: "a"}, {Path: "b"}, {Path: "c"}}
	files := []tree.FileReport{{Path: "a", Action: tree.Keep}, {Path: "b", Action: tree.Update}}
	if got := among(list, files); len(got) != 1 || got[0].Path != "b" {
		t.Errorf("%v", got)
	}
}
