package tree

import (
	"bytes"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// secretMode is the mode of every file that holds a secret.
const secretMode = 0o600

// secretPlan decides about the secrets of one project. A secret that differs from
// what was last written is the operator's. It gives way only where the operator
// has not touched it and the bundle has changed.
type secretPlan struct {
	*plan
	d     *disk // nil for a fresh project
	force bool

	memory memory            // as on disk
	next   memory            // if everything is done
	held   memory            // if an edited file is in the way: only what was declined
	files  map[string][]byte // the content of secret files once they were renamed
	moved  map[string]string // new path of a file to the old one
	left   map[string]bool   // paths whose content goes elsewhere
	envWas []byte            // nil if there is no Dotenv
	env    *envFile
	told   []saying // what to say of Dotenv
}

// saying is what there is to say of some keys.
type saying struct {
	keys []string
	what string
}

// tellKeys adds to what is to be said of Dotenv.
func (s *secretPlan) tellKeys(what string, keys ...string) {
	i := slices.IndexFunc(s.told, func(x saying) bool { return x.what == what })
	if i < 0 {
		i = len(s.told)
		s.told = append(s.told, saying{what: what})
	}
	s.told[i].keys = append(s.told[i].keys, keys...)
}

// Reasons that are given for files and for keys.
const (
	fromBundle = "as in the bundle"
	yours      = "yours, kept"
	away       = "removed, and stays away"
	unread     = "was readable by others"
)

const noBundle = "the bundle is not there"

// member is one value of a group, as it is in the project.
type member struct {
	*Value
	old   []byte
	there bool
	line  int // of a key
	last  remembered
	known bool // last is
}

func (m *member) name() string {
	if m.Key != "" {
		return m.Key
	}
	return m.Path
}

func (m *member) same() bool { return m.there && bytes.Equal(m.old, m.Data) }

// renewed reports whether the value is the operator's: renewed or removed since
// it was last written, or of an unknown history.
func (m *member) renewed() bool {
	switch {
	case m.same():
		return false
	case !m.there:
		return m.known
	case m.known:
		return m.last.Written != m.digestOf(m.old, m.last.Salt)
	}
	return m.LastSHA256 == "" || m.LastSHA256 != Digest(m.old)
}

// bundleChanged reports whether the bundle has another value than it had.
func (m *member) bundleChanged() bool {
	switch {
	case m.known:
		return m.last.offered() != m.digestOf(m.Data, m.last.Salt)
	case m.LastSHA256 != "":
		return m.LastSHA256 != Digest(m.Data)
	}
	return m.there && !m.same()
}

// secrets plans what becomes of every secret; d is nil for a fresh project.
func (p *plan) secrets(d *disk, force bool) error {
	s := &secretPlan{plan: p, d: d, force: force, memory: make(memory), files: make(map[string][]byte), moved: make(map[string]string), left: make(map[string]bool), env: &envFile{}}
	if d != nil {
		if err := s.read(); err != nil {
			return err
		}
	}
	s.held, s.next = maps.Clone(s.memory), maps.Clone(s.memory)
	if d != nil {
		if err := s.move(); err != nil {
			return err
		}
	}
	var groups []string
	members := make(map[string][]*member)
	for i := range p.want.Secrets {
		m := s.member(&p.want.Secrets[i])
		if m == nil {
			continue
		}
		if members[m.Group] == nil {
			groups = append(groups, m.Group)
		}
		members[m.Group] = append(members[m.Group], m)
	}
	for _, g := range groups {
		s.decide(members[g])
	}
	return s.finish()
}

// read takes in what the project has.
func (s *secretPlan) read() (err error) {
	data, err := s.d.read(memoryPath)
	if err != nil {
		return err
	}
	s.memory = readMemory(data)
	if s.envWas, err = s.d.read(Dotenv); err != nil {
		return err
	}
	s.env = parseEnv(s.envWas)
	for i := range s.want.Secrets {
		if v := &s.want.Secrets[i]; v.Key == "" {
			if s.files[v.Path], err = s.d.read(v.Path); err != nil {
				return err
			}
		}
	}
	return nil
}

// member is the value with what the project has of it; nil if it is none of our
// business: a key whose value a file gives, or one without a source.
func (s *secretPlan) member(v *Value) *member {
	m := &member{Value: v}
	m.last, m.known = s.next[m.name()]
	if v.Key == "" {
		m.old = s.files[v.Path]
		m.there = m.old != nil
	} else {
		if _, line := s.env.find(v.Key + "_FILE"); line > 0 {
			return nil
		}
		var value string
		value, m.line = s.env.find(v.Key)
		m.old, m.there = []byte(value), m.line > 0
	}
	switch {
	case !v.Unknown:
		return m
	case v.Key != "":
	case !m.there:
		s.add(File{Path: v.Path, Owner: Secret}, Absent, noBundle, nil)
	case s.moved[v.Path] != "":
		s.put(v.Path, m.old, "")
	default:
		s.add(File{Path: v.Path, Owner: Secret}, Keep, "", nil)
	}
	return nil
}

// decide settles what becomes of the values of one group.
func (s *secretPlan) decide(group []*member) {
	renewed := slices.ContainsFunc(group, (*member).renewed)
	changed := slices.ContainsFunc(group, (*member).bundleChanged)
	for _, m := range group {
		reason := ""
		switch {
		case m.same():
			salt := m.last.Salt
			if !m.known {
				salt = s.want.newSalt(m.Value)
			}
			s.remember(m, salt)
			s.keep(m)
			continue
		case !renewed && m.there:
			reason = fromBundle
		case renewed && s.force:
			reason = "was renewed here; replaced by --force"
		}
		if !renewed || s.force {
			s.remember(m, s.want.newSalt(m.Value))
			s.write(m, reason)
			continue
		}
		if changed {
			s.declined(m, group)
		} else {
			s.kept(m)
		}
	}
}

// remember notes that a value is that of the bundle.
func (s *secretPlan) remember(m *member, salt string) {
	s.next[m.name()] = remembered{Written: m.digestOf(m.Data, salt), Salt: salt}
}

// keep leaves a value that is as it should be, but not a file that others can read.
func (s *secretPlan) keep(m *member) {
	switch {
	case m.Key != "":
	case s.moved[m.Path] != "":
		s.write(m, "")
	case s.open(m.Path):
		s.write(m, unread)
	default:
		s.add(File{Path: m.Path, Owner: Secret}, Keep, "", nil)
	}
}

// open reports whether others can read a file. Windows has no such modes.
func (s *secretPlan) open(name string) bool {
	return runtime.GOOS != "windows" && s.d != nil && s.d.mode(name)&0o077 != 0
}

// write replaces a value by that of the bundle.
func (s *secretPlan) write(m *member, reason string) {
	if m.Key != "" {
		s.env.set(m.Key, string(m.Data))
		if reason != "" {
			s.tellKeys(reason, m.Key)
		}
		return
	}
	s.put(m.Path, m.Data, reason)
}

// put writes a file of secrets.
func (s *secretPlan) put(name string, data []byte, reason string) {
	action := Create
	if s.d != nil && s.d.mode(name) != 0 {
		action = Update
	}
	if from := s.moved[name]; from != "" {
		reason = strings.TrimSuffix("moved from "+path.Base(from)+"; "+reason, "; ")
	}
	s.add(File{Path: name, Owner: Secret, Mode: secretMode}, action, reason, data)
}

// kept names a value that is the operator's and stays.
func (s *secretPlan) kept(m *member) {
	switch {
	case m.Key != "" && m.there:
		s.tellKeys(yours, m.Key)
	case m.Key != "" && s.envWas != nil:
		s.tellKeys(away, m.Key)
	case m.Key != "": // all of Dotenv was removed
	case !m.there:
		s.tell(m.Path, Absent, Secret, away)
	case s.moved[m.Path] != "":
		s.put(m.Path, m.old, yours)
	default:
		s.tell(m.Path, Keep, Secret, yours)
	}
}

// declined keeps a value that both sides changed, and asks the operator to
// choose. What the bundle has is remembered: it is asked about once.
func (s *secretPlan) declined(m *member, group []*member) {
	last := m.last
	if !m.known {
		last.Salt = s.want.newSalt(m.Value)
	}
	last.Offered = m.digestOf(m.Data, last.Salt)
	s.held[s.oldName(m)] = last
	c := conflict{cause: why(m, group) + ", and the bundle has changed too", remedy: "to keep yours just run again, --force takes what the bundle has"}
	if m.Key != "" {
		c.at = fault.Position{File: s.d.display(Dotenv), Line: m.line}
		c.cause = m.Key + " " + c.cause
		s.conflicts = append(s.conflicts, c)
		return
	}
	name := s.oldName(m)
	c.at = fault.In(s.d.display(name))
	if m.there {
		c.beside = path.Base(name) + newSuffix
		s.add(File{Path: name, Owner: Secret, Mode: secretMode}, Conflict, c.cause, m.Data)
	} else {
		s.tell(name, Absent, Secret, c.cause)
	}
	s.conflicts = append(s.conflicts, c)
}

// why says what makes a value of the group the operator's.
func why(m *member, group []*member) string {
	switch {
	case m.renewed() && !m.there:
		return "was removed here"
	case m.renewed():
		return "was renewed here"
	}
	i := slices.IndexFunc(group, (*member).renewed)
	return "goes with " + path.Base(group[i].name()) + ", which was renewed or removed here"
}

// finish plans what all groups share: Dotenv and what is remembered.
func (s *secretPlan) finish() error {
	if s.d != nil {
		for _, v := range s.want.Secrets {
			if err := s.dropSecretNew(v); err != nil {
				return err
			}
		}
	}
	s.finishEnv()
	s.clearLeft()
	remember := s.next
	if len(s.conflicts) > 0 {
		remember = s.held
	}
	if maps.Equal(remember, s.memory) {
		if len(s.memory) > 0 {
			s.add(File{Path: memoryPath, Owner: Secret}, Keep, "", nil)
		}
		return nil
	}
	s.put(memoryPath, remember.marshal(), "")
	s.steps[len(s.steps)-1].always = true
	return nil
}

// dropSecretNew removes NAME.new once NAME is the same.
func (s *secretPlan) dropSecretNew(v Value) error {
	if v.Key != "" || v.Unknown || !bytes.Equal(s.files[v.Path], v.Data) {
		return nil
	}
	return s.dropNew(s.d, v.Path, Secret, v.Data)
}

func (s *secretPlan) finishEnv() {
	text := s.env.text()
	wanted := slices.ContainsFunc(s.want.Secrets, func(v Value) bool { return v.Key != "" })
	given := slices.ContainsFunc(s.want.Secrets, func(v Value) bool { return v.Key != "" && !v.Unknown })
	unprotected := wanted && s.envWas != nil && s.open(Dotenv)
	var said []string
	for _, x := range s.told {
		said = append(said, strings.Join(x.keys, ", ")+": "+x.what)
	}
	if unprotected {
		said = append(said, unread)
	}
	reason := strings.Join(said, "; ")
	switch {
	case s.envWas == nil && len(text) > 0:
		s.add(File{Path: Dotenv, Owner: Secret, Mode: secretMode}, Create, "", text)
	case s.envWas == nil && given:
		s.tell(Dotenv, Absent, Secret, away)
	case s.envWas == nil && wanted:
		s.add(File{Path: Dotenv, Owner: Secret}, Absent, noBundle, nil)
	case s.envWas == nil:
	case !bytes.Equal(s.envWas, text) || unprotected:
		s.add(File{Path: Dotenv, Owner: Secret, Mode: secretMode}, Update, reason, text)
	case reason != "":
		s.tell(Dotenv, Keep, Secret, reason)
	case wanted:
		s.add(File{Path: Dotenv, Owner: Secret}, Keep, "", nil)
	}
}
