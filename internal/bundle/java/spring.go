package java

import (
	"path"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/properties"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// springValue gives the text in the annotation @Value("...") at i, nil if there is none.
func (u *unit) springValue(i int) *token {
	if !u.is(i, "@") {
		return nil
	}
	return u.springValueAt(i + 1)
}

// springValueAt does the same behind the @.
func (u *unit) springValueAt(i int) *token {
	if !u.word(i, "Value") || !u.is(i+1, "(") {
		return nil
	}
	if i += 2; u.word(i, "value") && u.is(i+1, "=") {
		i += 2
	}
	if i+1 < len(u.tokens) && u.tokens[i].kind == text && !u.tokens[i].garbled && u.is(i+1, ")") {
		return &u.tokens[i]
	}
	return nil
}

// springValue follows a variable of Spring into the application.properties of the
// bundle. A default is not taken: the environment comes before it.
func (m *machine) springValue(u *unit, given *token) value {
	at := fault.Position{File: u.file, Line: int(given.line), Column: int(given.column)}
	name, isVariable := strings.CutPrefix(given.text, "${")
	name, closed := strings.CutSuffix(name, "}")
	switch {
	case !isVariable && !strings.ContainsAny(given.text, "$#"):
		return value{kind: isText, text: given.text, at: at}
	case !isVariable || !closed || strings.ContainsAny(name, "${}#"):
		return unknown(at, "an expression of Spring")
	}
	name, _, _ = strings.Cut(name, ":")
	var found value
	for i := range m.files {
		f := &m.files[i]
		base := path.Base(f.Path)
		if !strings.HasPrefix(base, "application") || properties.Limit(base) == 0 || f.Data == nil {
			continue
		}
		v, ok := m.properties.Values(f)[name]
		switch got := fromFile(v); {
		case !ok:
		case base != "application.properties", found.kind != nothing && !same(found, got):
			return unknown(at, "a property that several files set, for different profiles")
		case strings.Contains(v.Text, "${"):
			return unknown(v.At, "a variable in a properties file")
		default:
			found = got
		}
	}
	if found.kind != nothing {
		return found
	}
	if !said.Plain(name) {
		return unknown(at, "a property of Spring that no application.properties in the bundle sets")
	}
	return unknown(at, "the property "+name+" of Spring, which no application.properties in the bundle sets")
}
