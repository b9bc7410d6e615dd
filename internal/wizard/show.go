package wizard

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"github.com/failover-gen/failover-gen/internal/inspect"
)

// show tells in a few lines what a bundle holds.
func (w *Wizard) show(r inspect.Report) {
	field := func(name, text string) {
		if text != "" {
			w.tell(fmt.Sprintf("  %-10s ", name), text)
		}
	}
	for _, c := range r.Clusters {
		field("cluster", cmp.Or(c.Name, "no name"))
		if c.Discovery != nil {
			field("discovery", cmp.Or(c.Discovery.URL, "the cloud's default")+", token "+c.Discovery.Token)
		}
		field("addresses", strings.Join(c.Addresses, ", "))
		for _, s := range []struct {
			name  string
			store *inspect.Store
		}{{"key", c.Keystore}, {"trusts", c.Truststore}, {"key", c.Cert}, {"trusts", c.CA}} {
			if s.store == nil {
				continue
			}
			for i, e := range s.store.Entries {
				if i == maxEntries {
					field("", fmt.Sprintf("and %d more", len(s.store.Entries)-i))
					break
				}
				alias := fmt.Sprintf("%q", e.Alias)
				if s.store.Type == inspect.TypePEM {
					alias = path.Base(s.store.Path)
				}
				field(s.name, joined(e.Key, alias, e.Validity))
			}
		}
	}
	for _, c := range r.Clusters {
		for _, line := range c.NoEffect {
			field("no effect", line)
		}
	}
	for _, warning := range r.Warnings {
		field("warning", warning)
	}
}

// maxEntries is how many entries of a store are shown.
const maxEntries = 3

// joined joins the texts that are not empty.
func joined(texts ...string) string {
	var list []string
	for _, t := range texts {
		if t != "" {
			list = append(list, t)
		}
	}
	return strings.Join(list, ", ")
}
