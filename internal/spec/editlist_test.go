package spec

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/failover-gen/failover-gen/internal/fault"
)

func listOf(bundles ...string) (list []Cluster) {
	for _, b := range bundles {
		list = append(list, Cluster{Bundle: b})
	}
	return list
}

func TestEditClustersKeepsCommentsAndValues(t *testing.T) {
	const first = "  # the first\n  - bundle: a.zip\n    name: \"pr-1\" # by hand\n\n"
	second := "  # in Paris\n  - bundle: b.zip  # new in May\n"
	text := strings.Replace(edited, "  - bundle: b.zip\n", second+"  # - bundle: old.zip\n", 1)
	for name, test := range map[string]struct {
		clusters []Cluster
		from, to string
	}{
		"the same list":      {listOf("a.zip", "b.zip"), "", ""},
		"one more":           {listOf("a.zip", "b.zip", "c.zip"), second, second + "  - bundle: c.zip\n"},
		"another order":      {listOf("b.zip", "a.zip"), first + second, second + first},
		"another secondary":  {listOf("a.zip", "c.zip"), "b.zip  # new", "c.zip  # new"},
		"another primary":    {listOf("c.zip", "b.zip"), "a.zip\n    name: \"pr-1\" # by hand\n", "c.zip\n"},
		"one before all":     {listOf("c.zip", "a.zip", "b.zip"), first, "  - bundle: c.zip\n" + first},
		"the first replaced": {listOf("b.zip", "c.zip"), first + second, second + "  - bundle: c.zip\n"},
		"an entry":           {[]Cluster{{Bundle: "a.zip"}, {Bundle: "b.zip", Entry: 2}}, "b.zip  # new in May\n", "b.zip  # new in May\n    entry: 2" + strings.Repeat(" ", 24) + "# which cluster of the bundle's ordered list, counted from 1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, end := range []string{"\n", "\r\n"} {
				got, err := EditClusters("f.yaml", []byte(strings.ReplaceAll(text, "\n", end)), test.clusters)
				if want := strings.ReplaceAll(strings.Replace(text, test.from, test.to, 1), "\n", end); err != nil || string(got) != want {
					t.Errorf("%v\n%s\nwant\n%s", err, got, want)
				}
			}
		})
	}
}

func TestWhatEditClustersRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"a flow list": "version: 1\nmodule: a.b/c\nclusters: [{bundle: a.zip}, {bundle: b.zip}]\n",
		"an anchor":   "version: 1\nmodule: a.b/c\nclusters:\n  - bundle: &a a.zip\n    name: x\n  - bundle: b.zip\n    name: *a\n",
	} {
		if same, err := EditClusters("f.yaml", []byte(text), listOf("a.zip", "b.zip")); err != nil || string(same) != text {
			t.Errorf("%s: the same list gives %v\n%s", name, err, same)
		}
		_, err := EditClusters("f.yaml", []byte(text), listOf("c.zip", "b.zip"))
		if err == nil || err.Error() != "f.yaml: the list of clusters cannot be changed in this layout of the file; edit the file by hand" || fault.ExitCode(err) != 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever the list: the edited file says it, and what it said of the clusters that stay.
func TestEditClustersSaysTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.SampledFrom([]string{"a.zip", "b.zip", "c.zip", "my bundle.zip", "'", "#x"}), 2, 5)
		s := Default()
		s.Module, s.Clusters = "example.com/x", listOf(names.Draw(t, "was")...)
		for i := range s.Clusters {
			s.Clusters[i].Name = rapid.SampledFrom([]string{"", "pr-1", "# no comment"}).Draw(t, "name")
		}
		list := listOf(names.Draw(t, "is")...)
		got, err := EditClusters("f.yaml", s.Marshal(), list)
		if err != nil {
			t.Fatal(err)
		}
		is, err := Parse("f.yaml", got)
		if err != nil {
			t.Fatal(err)
		}
		from := SameClusters(s.Clusters, list)
		for i, c := range is.Clusters {
			name := ""
			if from[i] >= 0 {
				name = s.Clusters[from[i]].Name
			}
			if c.Bundle != list[i].Bundle || c.Name != name {
				t.Errorf("cluster %d is %+v, from %d", i+1, c, from[i])
			}
		}
	})
}
