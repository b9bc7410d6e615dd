package tree

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// move gives the secrets of a project that exists their new names: in Dotenv, in
// the memory, and of the files. No content is lost: what is no longer used is
// commented out in Dotenv, and its files stay.
func (s *secretPlan) move() error {
	m := s.want.Moves
	for _, g := range m.Gone {
		note := "of " + g.Name + ", which is no longer in " + s.want.Spec
		if keys := s.env.disable(g.Prefix, note); len(keys) > 0 {
			s.tellKeys("commented out, "+note, keys...)
		}
	}
	for _, from := range slices.Sorted(maps.Keys(m.Keys)) {
		if s.env.has(from) {
			s.tellKeys("now "+m.Keys[from]+"*", from+"*")
		}
	}
	s.env.rename(m.Keys)
	s.next = s.moveMemory()
	return s.moveFiles()
}

func (s *secretPlan) moveMemory() memory {
	m := s.want.Moves
	next := make(memory)
	for name, last := range s.memory {
		gone := slices.ContainsFunc(m.Gone, func(g Gone) bool { return strings.HasPrefix(name, g.Prefix) || slices.Contains(g.Paths, name) })
		to, moved := m.Paths[name]
		switch {
		case gone:
		case moved:
			next[to] = last
		default:
			next[withPrefix(name, m.Keys)] = last
		}
	}
	return next
}

func (s *secretPlan) moveFiles() error {
	m := s.want.Moves
	for from, to := range m.Paths {
		data, err := s.d.read(from)
		if err != nil {
			return err
		}
		s.files[to] = data
		s.left[from] = true
		if data != nil {
			s.moved[to] = from
		}
	}
	needed := slices.Collect(maps.Values(m.Paths)) // by a cluster that moved here, or by a new one
	for from := range m.Paths {
		if !slices.Contains(needed, from) {
			delete(s.files, from) // what a new cluster finds here is not its own
		}
	}
	for _, v := range s.want.Secrets {
		needed = append(needed, v.Path)
	}
	for _, g := range m.Gone {
		for _, name := range g.Paths {
			data, err := s.d.read(name)
			if err != nil {
				return err
			}
			if data == nil || !slices.Contains(needed, name) {
				continue // it stays where it is; the plan of the files tells so
			}
			s.left[name] = true
			if s.moved[name] == "" {
				delete(s.files, name) // neither is this
			}
			to, err := s.spare(name)
			if err != nil {
				return err
			}
			s.add(File{Path: to, Owner: Secret, Mode: secretMode}, Create, "the "+path.Base(name)+" of "+g.Name+", which is no longer in "+s.want.Spec+"; delete it yourself", data)
		}
	}
	return nil
}

// spare is a name under which a file that is no longer used can stay.
func (s *secretPlan) spare(name string) (string, error) {
	for n := 1; ; n++ {
		spare := name + ".removed"
		if n > 1 {
			spare += fmt.Sprint(n)
		}
		if data, err := s.d.read(spare); data == nil {
			return spare, err
		}
	}
}

// clearLeft removes the files whose content went elsewhere and that nothing replaces.
func (s *secretPlan) clearLeft() {
	for _, name := range slices.Sorted(maps.Keys(s.left)) {
		replaced := slices.ContainsFunc(s.steps, func(x step) bool { return x.Path == name && (x.Action == Create || x.Action == Update) })
		if !replaced && s.d.mode(name) != 0 {
			s.add(File{Path: name, Owner: Secret}, Remove, "moved to "+path.Base(s.want.Moves.Paths[name]), nil)
		}
	}
}

// oldName is the name that a value had before it was moved.
func (s *secretPlan) oldName(m *member) string {
	if m.Key == "" {
		if from := s.moved[m.Path]; from != "" {
			return from
		}
		return m.Path
	}
	back := make(map[string]string)
	for from, to := range s.want.Moves.Keys {
		back[to] = from
	}
	return withPrefix(m.Key, back)
}
