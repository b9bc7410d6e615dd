package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Text gives the report for people, in lines. What comes from certificates is
// shown without the control characters that could steer a terminal. A store that
// does not open is in the error of Bundle or Keystore, which the caller shows.
func (r Report) Text() string {
	w := &writer{}
	w.line(0, "%s (%s)", r.Path, r.Form)
	for _, c := range r.Clusters {
		indent := 1
		if c.Name != "" || r.Form != FormKeystore {
			w.line(1, "cluster %s", c.Name)
			indent = 2
		}
		if c.Discovery != nil {
			url := c.Discovery.URL
			if url == "" {
				url = "the cloud's default"
			}
			w.field(indent, "discovery", fmt.Sprintf("%s (token %s)", url, c.Discovery.Token))
		}
		w.field(indent, "addresses", strings.Join(c.Addresses, ", "))
		if c.Username != "" || c.Password != "" {
			w.field(indent, "user name", cmp.Or(c.Username, "none")+" (password "+cmp.Or(c.Password, "absent")+")")
		}
		w.field(indent, "server name", c.ServerName)
		if c.TLS != "" {
			w.field(indent, "TLS", "none, as the bundle declares")
		}
		w.store(indent, keyRole.String(), c.Keystore)
		w.store(indent, trustRole.String(), c.Truststore)
		w.store(indent, "CA", c.CA)
		w.store(indent, "certificate", c.Cert)
		w.store(indent, "key", c.Key)
		if len(c.NoEffect) > 0 {
			w.line(indent, "without effect")
		}
		for _, line := range c.NoEffect {
			w.line(indent+1, "%s", line)
		}
	}
	w.registry(r.Registry)
	warnings := slices.DeleteFunc(slices.Clone(r.Warnings), func(w string) bool { return slices.Contains(r.errors, w) })
	if len(warnings) > 0 {
		w.line(0, "%s", WarningsLine)
	}
	for _, warning := range warnings {
		w.line(2, "%s", warning)
	}
	return w.String()
}

// WarningsLine stands above the warnings in a text.
const WarningsLine = "  warnings"

// writer writes indented lines.
type writer struct{ strings.Builder }

func (w *writer) line(indent int, format string, args ...any) {
	text := strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return unicode.ReplacementChar
	}, fmt.Sprintf(format, args...))
	w.WriteString(strings.Repeat("  ", indent) + text + "\n")
}

// field writes a line with a name, unless there is nothing to say.
func (w *writer) field(indent int, name, value string) {
	if value != "" {
		w.line(indent, "%-11s %s", name, value)
	}
}

func (w *writer) store(indent int, role string, s *Store) {
	if s == nil {
		return
	}
	if s.Type == "" {
		w.field(indent, role, s.Path+": cannot be opened, see the error")
		return
	}
	w.field(indent, role, fmt.Sprintf("%s (%s)", s.Path, s.Type))
	w.field(indent+1, "protection", s.Protection)
	for _, e := range s.Entries {
		if s.Type == TypePEM {
			w.line(indent+1, "%s", e.Kind)
		} else {
			w.line(indent+1, "%s %q", e.Kind, e.Alias)
		}
		if e.Created != nil {
			w.field(indent+2, "created", e.Created.Format(time.RFC3339))
		}
		w.field(indent+2, "subject", e.Subject)
		w.field(indent+2, "issuer", e.Issuer)
		w.field(indent+2, "serial", e.Serial)
		if e.NotBefore != nil {
			w.field(indent+2, "valid", fmt.Sprintf("%s to %s, %s", e.NotBefore.Format(time.RFC3339), e.NotAfter.Format(time.RFC3339), e.Validity))
		}
		w.field(indent+2, "key", strings.Trim(e.Key+", "+e.Pairing, ", "))
		w.field(indent+2, "signature", e.Signature)
		w.field(indent+2, "sha256", e.SHA256)
		w.field(indent+2, "chain", e.Chain)
		w.field(indent+2, "use", e.Use)
	}
}
