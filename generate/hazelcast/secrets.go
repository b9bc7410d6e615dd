package hazelcast

import (
	"fmt"
	"path"
	"slices"

	"github.com/failover-gen/failover-gen/generate/kind"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
)

// resources is the folder of the stores in a project.
const resources = "resources"

// prefix starts the keys of cluster n, counted from 1, in .env.
func prefix(n int) string { return fmt.Sprintf("FAILOVER_%d_", n) }

// secrets lists the stores and, unless the spec says otherwise, the texts.
// was gives for each cluster what the lock so far says of it, nil if it is new.
func secrets(s *spec.Spec, clusters []cluster, was []*spec.LockCluster) (list []tree.Value) {
	for i, c := range clusters {
		group := func(name string) string { return fmt.Sprintf("%d %s", i+1, name) }
		for _, x := range c.secrets {
			if s.Secrets != spec.SecretsNone {
				list = append(list, tree.Value{Path: tree.Dotenv, Key: prefix(i+1) + x.name, Data: []byte(x.value.Reveal()), Group: group(x.group), Unknown: x.unknown})
			}
		}
		for _, x := range slots {
			s := x.made(&c)
			if s.Name == "" {
				continue
			}
			v := tree.Value{Path: path.Join(resources, s.Name), Data: s.Data, Group: group(x.group), Unknown: s.Data == nil}
			if was[i] != nil && *x.lock(was[i]) != nil {
				v.LastSHA256 = (*x.lock(was[i])).SHA256
			}
			list = append(list, v)
		}
	}
	return list
}

// moves is how the numbers of clusters have changed since the lock was written.
type moves struct {
	tree.Moves
	was   []*spec.LockCluster // by new number: what the lock says of the cluster, nil if it is new
	notes []string
}

// movesOf finds the clusters in the lock, by the names that their sources give
// them, then by the paths of their bundles.
func movesOf(r *kind.Request, clusters []cluster) moves {
	m := moves{Moves: tree.Moves{Keys: make(map[string]string), Paths: make(map[string]string)}, was: make([]*spec.LockCluster, len(clusters))}
	if r.Lock == nil {
		return m
	}
	old := r.Lock.Clusters
	from := make([]int, len(clusters)) // by new number: the old one, -1 for none
	for i := range from {
		from[i] = -1
	}
	find := func(same func(i int, l *spec.LockCluster) bool) {
		for i := range clusters {
			for j := range old {
				if from[i] < 0 && !slices.Contains(from, j) && same(i, &old[j]) {
					from[i], m.was[i] = j, &old[j]
				}
			}
		}
	}
	find(func(i int, l *spec.LockCluster) bool { return l.Name != "" && l.Name == clusters[i].said.Name })
	find(func(i int, l *spec.LockCluster) bool {
		return l.Bundle == r.Spec.Clusters[i].Bundle && l.Entry == r.Spec.Clusters[i].Entry
	})
	for i, j := range from {
		if j >= 0 && j != i {
			m.move(j+1, i+1, clusters[i].Name)
		}
	}
	for j := range old {
		if !slices.Contains(from, j) {
			m.Gone = append(m.Gone, tree.Gone{Name: old[j].Name, Prefix: prefix(j + 1), Paths: storePaths(j + 1)})
		}
	}
	return m
}

func (m *moves) move(from, to int, name string) {
	m.Keys[prefix(from)] = prefix(to)
	was, is := storePaths(from), storePaths(to)
	for i := range was {
		m.Paths[was[i]] = is[i]
	}
	m.notes = append(m.notes, fmt.Sprintf("%d is now %s; where you deploy, %s* becomes %s*", to, name, prefix(from), prefix(to)))
}
