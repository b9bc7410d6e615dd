package java

import "github.com/failover-gen/failover-gen/internal/fault"

type exprOp uint8

const (
	exText    exprOp = iota // name is the text
	exGarbled               // a literal that is not UTF-8
	exNull
	exName     // name
	exSelect   // recv.name
	exCall     // recv.name(args), recv may be nil
	exNew      // new name(args) { body }
	exAdd      // args joined by +
	exAssign   // args[0] = args[1]
	exAddTo    // args[0] += args[1]
	exArray    // { args }
	exEither   // args[0] ? args[1] : args[2]
	exTouch    // a setter in a lambda expression that recv, a name, begins
	exScoped   // recv.name { body }: see scopeFunctions
	exNotKnown // anything else; args are still evaluated and body is run, for what they do
)

// expr is one expression.
type expr struct {
	op   exprOp
	at   fault.Position
	name string
	recv *expr
	args []*expr
	body []*stmt
	// touched belongs to exTouch, param to exScoped: the name of the receiver in the body.
	touched touched
	param   string
}

type stmtOp uint8

const (
	stBlock  stmtOp = iota // body, a scope of its own
	stBranch               // body, which may run or not
	stLocal                // name = x; x may be nil
	stExpr                 // x
	stReturn               // x, may be nil
)

// stmt is one statement. Of Java's statements it keeps whether their parts are
// carried out, and not how often.
type stmt struct {
	op   stmtOp
	at   fault.Position
	name string
	x    *expr
	body []*stmt
}

type param struct {
	name string
	// value is what stands in Spring's annotation @Value, nil without one.
	value    *token
	at       fault.Position
	variadic bool
}

type method struct {
	name   string
	at     fault.Position
	static bool
	params []param
	class  *class
	// body is between these tokens; parsed on first use.
	from, to int
	parsed   bool
	body     []*stmt
	// record marks the constructor that a record's header implies.
	record bool
}

type field struct {
	name   string
	at     fault.Position
	static bool
	init   *expr
	class  *class
	// value is what stands in Spring's annotation @Value, nil without one.
	value *token
}

type class struct {
	name   string
	outer  *class
	unit   *unit
	fields map[string]*field
	// inherits names the classes and interfaces in the header. lineage is the class
	// itself and those of them that the sources declare, nearest first.
	inherits []string
	lineage  []*class
	// methods include constructors, which are named <init>.
	methods []*method
	// staticInits and initializers are the blocks of the class itself.
	staticInits, initializers []*stmt
}

// unit is one source file.
type unit struct {
	file          string
	dialect       *dialect // nil for Java
	tokens        []token
	match         []int32 // for each bracket, the index of its partner
	classes       []*class
	staticImports [][2]string // class and member, or class and *
	// fault is what kept the unit from being read to its end.
	fault *fault.Fault
}

func (u *unit) pos(i int) fault.Position {
	if i >= len(u.tokens) {
		i = len(u.tokens) - 1
	}
	if i < 0 {
		return fault.Position{File: u.file, Line: 1, Column: 1}
	}
	return fault.Position{File: u.file, Line: int(u.tokens[i].line), Column: int(u.tokens[i].column)}
}

func (u *unit) failAt(i int, cause, remedy string) {
	if u.fault == nil {
		p := u.pos(i)
		u.fault = fault.New(fault.Input, p, cause, remedy)
	}
}

// pairBrackets fills match. Angle brackets are not among them: < is also an operator.
func (u *unit) pairBrackets() {
	u.match = make([]int32, len(u.tokens))
	closes := map[string]string{")": "(", "]": "[", "}": "{"}
	var open []int
	for i, t := range u.tokens {
		if t.kind != operator {
			continue
		}
		switch t.text {
		case "(", "[", "{":
			open = append(open, i)
		case ")", "]", "}":
			if len(open) == 0 || u.tokens[open[len(open)-1]].text != closes[t.text] {
				u.failAt(i, "the bracket "+t.text+" closes nothing", "correct the source: it must compile")
				return
			}
			o := open[len(open)-1]
			open = open[:len(open)-1]
			u.match[o], u.match[i] = int32(i), int32(o)
		}
	}
	if len(open) > 0 {
		u.failAt(open[len(open)-1], "the bracket "+u.tokens[open[len(open)-1]].text+" is never closed", "correct the source: it must compile, and the file must be complete")
	}
}

// is and word look at a token without regard to the end of the source.
func (u *unit) is(i int, op string) bool { return i >= 0 && i < len(u.tokens) && u.tokens[i].is(op) }
func (u *unit) word(i int, id string) bool {
	return i >= 0 && i < len(u.tokens) && u.tokens[i].word(id)
}
func (u *unit) name(i int) bool {
	return i >= 0 && i < len(u.tokens) && u.tokens[i].kind == identifier
}

// skipAnnotation returns the index after the annotation at i, or i when there is none.
func (u *unit) skipAnnotation(i int) int {
	if !u.is(i, "@") || !u.name(i+1) || u.word(i+1, "interface") {
		return i
	}
	i += 2
	for u.is(i, ".") && u.name(i+1) {
		i += 2
	}
	if u.is(i, "(") {
		i = int(u.match[i]) + 1
	}
	return i
}

// skipType returns the index after the type that starts at i, or -1.
func (u *unit) skipType(i int) int {
	for {
		for j := u.skipAnnotation(i); j != i; j = u.skipAnnotation(i) {
			i = j
		}
		if !u.name(i) {
			return -1
		}
		i++
		if u.is(i, "<") {
			if i = u.skipAngles(i); i < 0 {
				return -1
			}
		}
		if !u.is(i, ".") || !u.name(i+1) {
			break
		}
		i++
	}
	for u.is(i, "[") && u.is(i+1, "]") {
		i += 2
	}
	if u.is(i, "...") {
		i++
	}
	return i
}

// maxTypeArguments bounds, in tokens, how far a < is looked after: it may be an operator.
const maxTypeArguments = 200

// skipAngles returns the index after the > that closes the < at i, or -1 if
// what stands between cannot be type arguments.
func (u *unit) skipAngles(i int) int {
	depth := 0
	for limit := min(len(u.tokens), i+maxTypeArguments); i < limit; i++ {
		t := u.tokens[i]
		switch {
		case t.is("<"):
			depth++
		case t.is(">"):
			if depth--; depth == 0 {
				return i + 1
			}
		case t.kind == identifier, t.is(","), t.is("."), t.is("?"), t.is("&"), t.is("["), t.is("]"), t.is("@"):
		default:
			return -1
		}
	}
	return -1
}
