package vetrun

import (
	"os"
	"testing"
)

// TestMain lets go vet call this test binary as its tool.
func TestMain(m *testing.M) {
	if IsTool(os.Args[1:]) {
		Tool()
	}
	os.Exit(m.Run())
}
