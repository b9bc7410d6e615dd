package properties

import (
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

func TestRead(t *testing.T) {
	got := Read(&said.File{Name: "p", Data: []byte("# c\n! c\r\n a = b \\= c\nd:e\n\nf  g=h\ni\\ j=k\\u00e9\\n\\\n   l\nm\nn=o\\\\\np=\\u00")})
	want := map[string]string{"a": "b = c", "d": "e", "f": "g=h", "i j": "ké\nl", "m": "", "n": `o\`, "p": "u00"}
	for key, text := range want {
		if got[key].Text != text {
			t.Errorf("%s is %q, want %q", key, got[key].Text, text)
		}
	}
	if len(got) != len(want) || got["d"].At != (fault.Position{File: "p", Line: 4, Column: 3}) {
		t.Errorf("%d keys, d at %v", len(got), got["d"].At)
	}
}
