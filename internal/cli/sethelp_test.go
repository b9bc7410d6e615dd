package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/spec"
)

// The help explains the keys that --set takes, and no others.
func TestTheHelpExplainsEachKeyOfACluster(t *testing.T) {
	s := spec.Default()
	s.Clusters = []spec.Cluster{{}}
	refused := s.SetCluster(1, "nothing", "x")
	if refused == nil {
		t.Fatal("any key is taken")
	}
	list, ok := strings.CutPrefix(refused.Remedy, "it is one of ")
	if !ok {
		t.Fatalf("the remedy is %q", refused.Remedy)
	}
	keys := strings.Split(list, ", ")
	var explained []string
	for line := range strings.Lines(clusterHelp) {
		if rest, ok := strings.CutPrefix(line, "  "); ok {
			explained = append(explained, strings.Fields(rest)[0])
		}
	}
	slices.Sort(keys)
	slices.Sort(explained)
	if !slices.Equal(keys, explained) {
		t.Errorf("the help explains %q, a cluster has %q", explained, keys)
	}
}
