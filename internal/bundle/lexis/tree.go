package lexis

import "github.com/failover-gen/failover-gen/internal/fault"

// NodeKind tells the nodes of an expression apart.
type NodeKind uint8

const (
	// Other is what is not followed. Why words it.
	Other NodeKind = iota
	// TextNode is a text. Its value is in Text, or Why says why it is not known.
	TextNode
	// NumberNode is a number or a character, as it is spelled.
	NumberNode
	// NameNode is a name by itself, Member one after a dot behind X.
	NameNode
	Member
	// Index is X[Args].
	Index
	// Call is X(Args); New means that it makes an object of class X.
	Call
	// Object is {key: value}, List is [value]. What an object holds is in Args.
	Object
	List
	// Func is a function; Params, Defaults and Body are its.
	Func
	// Add is Args joined by +.
	Add
	// Copy is a copy of the object X, unless X is a pointer. Reference is a pointer to X,
	// and Dereference what X points to.
	Copy
	Reference
	Dereference
)

// Node is an expression.
type Node struct {
	Kind NodeKind
	At   fault.Position
	// Text is a literal's value, a number's spelling or a name.
	Text string
	// Why says what is there in place of a value that is known.
	Why string
	// New marks a call that makes an object. Body then fills its fields.
	New    bool
	X      *Node
	Args   []Arg
	Params []string
	Body   []Stmt
	// Defaults are the values of parameters that a call may leave out.
	Defaults map[string]*Node
}

// Arg is an argument of a call, an entry of an object or an element of a list.
type Arg struct {
	// Name is that of a named argument or entry, "" where there is none. Key is an
	// entry's key where it is an expression.
	Name string
	Key  *Node
	// Spread means that the entries of Value are meant.
	Spread bool
	Value  *Node
}

// StmtKind tells statements apart.
type StmtKind uint8

const (
	// Do evaluates Value.
	Do StmtKind = iota
	// Assign puts Value into Target.
	Assign
	// Declare makes the variable Name with Value, which may be nil.
	Declare
	// Block is Body in a scope of its own.
	Block
	// Branch is Body, of which nobody knows whether it runs.
	Branch
	// Return ends a function with Value, which may be nil.
	Return
	// Define is the function Name: Value.
	Define
	// Class is the class Name with Body.
	Class
)

// Stmt is a statement.
type Stmt struct {
	Kind   StmtKind
	At     fault.Position
	Name   string
	Target *Node
	Value  *Node
	Body   []Stmt
}

// Parse reads a source. The fault is of a source that cannot be read to its end.
func Parse(lang *Language, file string, src []byte) ([]Stmt, *fault.Fault) {
	l, err := lex(lang, file, string(src))
	if err != nil {
		return nil, err
	}
	p := &parser{lang: lang, toks: l.tokens, defines: l.defines}
	if err := p.pair(); err != nil {
		return nil, err
	}
	if lang.Indented {
		return p.suite(0, len(p.toks)), nil
	}
	return p.block(0, len(p.toks), false), nil
}

// parser reads trees off tokens.
type parser struct {
	lang    *Language
	toks    []Token
	defines map[string][]Token
	// match gives the bracket that closes the one at an index.
	match []int
	depth int
	// maybe means that the preprocessor decides about the whole statement.
	maybe bool
}

// maxDepth bounds how deep expressions and blocks nest.
const maxDepth = 100

// pair finds the partner of each bracket.
func (p *parser) pair() *fault.Fault {
	partners := map[string]string{")": "(", "]": "[", "}": "{", closePart: openPart}
	p.match = make([]int, len(p.toks))
	var open []int
	for i := range p.toks {
		t := &p.toks[i]
		switch {
		case t.opens():
			open = append(open, i)
		case t.closes():
			if len(open) == 0 || p.toks[open[len(open)-1]].Text != partners[t.Text] {
				return fault.New(fault.Input, t.At, "the bracket "+t.Text+" closes nothing", "correct the source: it must run")
			}
			p.match[open[len(open)-1]] = i
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t := &p.toks[open[len(open)-1]]
		return fault.New(fault.Input, t.At, "the bracket "+t.Text+" is never closed", "correct the source: it must run, and the file must be complete")
	}
	return nil
}

// tok gives the token at i, or one that is nothing where a range ends.
func (p *parser) tok(i, end int) *Token {
	if i < 0 || i >= end || i >= len(p.toks) {
		return &nothing
	}
	return &p.toks[i]
}

var nothing = Token{Kind: Op}

func (p *parser) at(i int) fault.Position {
	if i < len(p.toks) {
		return p.toks[i].At
	}
	return fault.Position{}
}

// past gives the index after the token at i, or after the bracket that closes it.
func (p *parser) past(i int) int {
	if p.toks[i].opens() {
		return p.match[i] + 1
	}
	return i + 1
}

// find gives the first token in a range, outside brackets, for which ok holds, or end.
func (p *parser) find(i, end int, ok func(*Token) bool) int {
	for i < end && !ok(&p.toks[i]) {
		i = p.past(i)
	}
	return min(i, end)
}
