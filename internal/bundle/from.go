package bundle

import (
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// followFrom fills in the configurations that name another source, as a Java source
// does that loads an XML. The other reader's candidate is used up by that.
func (r *reader) followFrom(candidates []found) []found {
	used := make([]bool, len(candidates))
	for i := range candidates {
		c := &candidates[i]
		var configs []said.Config
		for _, config := range c.Configs {
			if config.From.State == said.Absent {
				configs = append(configs, config)
				continue
			}
			configs = append(configs, r.loaded(config, c, candidates, used)...)
		}
		c.Configs = configs
	}
	var left []found
	for i, c := range candidates {
		if !used[i] {
			left = append(left, c)
		}
	}
	return left
}

// loaded gives what config becomes with the source that it names: itself, or in a
// failover list the clusters of that one's list.
func (r *reader) loaded(config said.Config, of *found, candidates []found, used []bool) []said.Config {
	broken := func(cause, remedy string) []said.Config {
		config.Broken = fault.New(fault.Input, config.From.At, cause, remedy)
		return []said.Config{config}
	}
	if config.From.State == said.NotFollowed {
		return broken("the client is set up from a source that cannot be followed: it is "+config.From.Why, "give that file itself, with the files that it names")
	}
	named := strings.TrimPrefix(strings.TrimPrefix(config.From.Text, "classpath:"), "file:")
	name, why := r.tree.Locate(named, config.From.At.File)
	if why != "" {
		remedy := "put the file into the bundle's src/main/resources"
		if r.tree.Single() {
			remedy = "give the directory of the bundle"
		}
		return broken("the client is set up from a file that "+why, remedy)
	}
	file := r.tree.Display(name)
	var lists []int
	for i, other := range candidates {
		if other.form == of.form {
			continue
		}
		var here []said.Config
		for _, c := range slices.Concat(other.Configs, other.Silent) {
			if c.At.File == file {
				here = append(here, c)
			}
		}
		if len(here) == 1 || len(here) > 1 && !other.Failover {
			used[i] = used[i] || !other.Failover
			return []said.Config{config.Over(here[0])}
		}
		if other.Failover && other.form.Source(name) > 0 {
			lists = append(lists, i)
		}
	}
	if of.Failover && len(lists) == 1 && !config.Says() { // the file is a list, whose clusters stand in other files
		used[lists[0]] = true
		return candidates[lists[0]].Configs
	}
	return broken("the client is set up from "+name+", which sets up no client that is read", "give the values with --set, or write them in the source")
}
