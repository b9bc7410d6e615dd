package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// TestSecretsStaySecret formats every bundle of the corpus in every way.
func TestSecretsStaySecret(t *testing.T) {
	for _, c := range spellings(t) {
		b, err := Read(corpus.Dir(t, c.Files))
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
			slog.New(h).Info("read", "bundle", b, "clusters", b.Clusters, "token", b.Clusters[0].Token)
		}
		document, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		for how, text := range map[string]string{
			"%v": fmt.Sprintf("%v", *b), "%+v": fmt.Sprintf("%+v", b.Clusters), "%#v": fmt.Sprintf("%#v", b.Clusters),
			"%s": fmt.Sprintf("%s", b.Clusters[0].Token), "%q": fmt.Sprintf("%q", b.Clusters[0].Token), "%x": fmt.Sprintf("%x", b.Clusters[0].Token),
			"%d": fmt.Sprintf("%d", b.Clusters[0].Token), "pointer": fmt.Sprint(&b.Clusters[0].Token), "json": string(document), "slog": log.String(),
			"warnings": strings.Join(b.Warnings, "\n"),
		} {
			if strings.Contains(text, corpus.Canary) || strings.Contains(text, fmt.Sprintf("%x", corpus.Canary)) {
				t.Errorf("%s: %s shows a secret: %s", c.Name, how, text)
			}
		}
	}
}

func TestSecret(t *testing.T) {
	var absent Secret
	for _, c := range []struct {
		secret  Secret
		present bool
		text    string
	}{
		{absent, false, ""},
		{NewSecret("", fault.Position{}), true, ""},
		{NewSecret("x y", fault.Position{}), true, "x y"},
	} {
		want := map[bool]string{true: "present", false: "absent"}[c.present]
		if c.secret.Present() != c.present || c.secret.Reveal() != c.text || c.secret.String() != want || fmt.Sprintf("%#v", c.secret) != want {
			t.Errorf("%s: present %v, text %q; want %s, %q", c.secret, c.secret.Present(), c.secret.Reveal(), want, c.text)
		}
	}
}
