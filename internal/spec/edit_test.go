package spec

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/failover-gen/failover-gen/internal/fault"
)

const edited = `# mine
version: 1
module: example.com/orders # ours
clusters:
  # the first
  - bundle: a.zip
    name: "pr-1" # by hand

  - bundle: b.zip
failover:
  standby: warm   # fast
`

func TestEditKeepsAllElse(t *testing.T) {
	tests := map[string]struct {
		text   string
		change Change
		from   string
		to     string
	}{
		"a value with a comment": {edited, Change{1, "name", "pr-9"}, `"pr-1" # by hand`, `pr-9 # by hand`},
		"a value that is new":    {edited, Change{2, "alias", "client"}, "  - bundle: b.zip\n", "  - bundle: b.zip\n    alias: client\n"},
		"an entry":               {edited, Change{2, "entry", "2"}, "  - bundle: b.zip\n", "  - bundle: b.zip\n    entry: 2\n"},
		"addresses":              {edited, Change{2, "addresses", "10.0.0.1:5701, 10.0.0.2"}, "  - bundle: b.zip\n", "  - bundle: b.zip\n    addresses: [\"10.0.0.1:5701\", \"10.0.0.2\"]\n"},
		"in the failover":        {edited, Change{0, "standby", "cold"}, "warm   # fast", "cold   # fast"},
		"new in the failover":    {edited, Change{0, "silence", "2s"}, "  standby: warm   # fast\n", "  standby: warm   # fast\n  silence: 2s\n"},
		"at the top":             {edited, Change{0, "map", "orders"}, "  standby: warm   # fast\n", "  standby: warm   # fast\nmap: orders\n"},
		"a new section":          {strings.Split(edited, "failover:")[0], Change{0, "standby", "cold"}, "  - bundle: b.zip\n", "  - bundle: b.zip\nfailover:\n  standby: cold\n"},
		"without a line end":     {strings.TrimSuffix(edited, "\n"), Change{0, "silence", "2s"}, "warm   # fast", "warm   # fast\n  silence: 2s\n"},
		"CRLF":                   {strings.ReplaceAll(edited, "\n", "\r\n"), Change{1, "name", "pr-9"}, `"pr-1" # by hand`, `pr-9 # by hand`},
		"a text that needs care": {edited, Change{1, "name", `a: "b" #c`}, `"pr-1" # by hand`, `'a: "b" #c' # by hand`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Edit("f.yaml", []byte(test.text), []Change{test.change})
			if want := strings.Replace(test.text, test.from, test.to, 1); err != nil || string(got) != want {
				t.Errorf("%v\n%s\nwant\n%s", err, got, want)
			}
		})
	}
}

func TestWhatEditRefuses(t *testing.T) {
	flow := "version: 1\nmodule: a.b/c\nclusters: [{bundle: a.zip}, {bundle: b.zip}]\n"
	for name, test := range map[string]struct {
		text   string
		change Change
		want   string
	}{
		"a wrong value":    {edited, Change{0, "standby", "hot"}, `standby: "hot" is not possible here`},
		"no such cluster":  {edited, Change{3, "name", "x"}, "there is no cluster 3"},
		"no such key":      {edited, Change{1, "speed", "x"}, `a cluster has no value "speed"`},
		"a flow mapping":   {flow, Change{1, "name", "x"}, "f.yaml: the value name cannot be changed in this layout of the file; edit the file by hand"},
		"a file in itself": {"x", Change{0, "map", "x"}, "f.yaml:1:1: "},
	} {
		_, err := Edit("f.yaml", []byte(test.text), []Change{test.change})
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || fault.ExitCode(err) != 2 {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// Whatever is set by a flag in a file that we wrote, the file then says, and says
// nothing else than before.
func TestEditDoesWhatSetDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Default()
		s.Module, s.Clusters = "example.com/orders", []Cluster{{Bundle: "a.zip"}, {Bundle: "b.zip", Name: "pr-2"}}
		text := s.Marshal()
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			c := Change{Cluster: rapid.IntRange(0, 2).Draw(t, "cluster")}
			keys := []string{"map", "standby", "secrets", "silence", "retryMax"}
			if c.Cluster > 0 {
				keys = []string{"name", "alias", "username", "serverName", "addresses", "tls"}
			}
			c.Key = rapid.SampledFrom(keys).Draw(t, "key")
			c.Value = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"cold", "none", "3s", "off", "10.0.0.1", "# x", "a #b", "true", "~", "- x"})).Draw(t, "value")
			before, _ := Parse("f.yaml", text)
			set := before.Set
			if c.Cluster > 0 {
				set = func(key, value string) *fault.Fault { return before.SetCluster(c.Cluster, key, value) }
			}
			wrong := set(c.Key, c.Value)
			after, err := Edit("f.yaml", text, []Change{c})
			if (wrong == nil) != (err == nil) {
				t.Fatalf("%+v: set says %v, edit %v", c, wrong, err)
			}
			if err == nil {
				text = after
			}
		}
	})
}
