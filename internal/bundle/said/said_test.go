package said

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// TestNoFormattingShowsAText formats a configuration in every way: any value may
// be a secret, also one in the wrong place.
func TestNoFormattingShowsAText(t *testing.T) {
	const canary = "CANARY"
	at := fault.Position{File: "Client.java", Line: 3, Column: 7}
	c := Config{Name: Of(canary, at), Password: Of(canary, at), Addresses: []Value{Of(canary, at)},
		TLS: TLS{Keystore: Store{File: Of(canary, at), Password: Of(canary, at)}}, Second: &Second{Name: Of(canary, at)}}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("read", "config", c, "name", c.Name)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("read", "config", c, "name", c.Name)
	document, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for how, text := range map[string]string{
		"%v": fmt.Sprintf("%v", c), "%+v": fmt.Sprintf("%+v", c), "%#v": fmt.Sprintf("%#v", c), "%s": fmt.Sprintf("%s", c.Name),
		"%q": fmt.Sprintf("%q", c.Name), "%x": fmt.Sprintf("%x", c.Name), "pointer": fmt.Sprint(&c.Name), "json": string(document), "slog": log.String(),
	} {
		if strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
			t.Errorf("%s shows a text: %s", how, text)
		}
	}
	for want, v := range map[string]Value{
		"absent": {}, "known at Client.java:3:7": Of(canary, at), "not followed at Client.java:3:7: the result of f()": Unknown("the result of f()", at),
	} {
		if v.String() != want {
			t.Errorf("%q, want %q", v, want)
		}
	}
}
