// Package lexis reads sources of languages that Go has no parser for: Python,
// JavaScript, C# and C++. It knows their comments and texts exactly, and the part of
// their grammar in which people write settings: assignments, calls, literals, blocks
// and functions. What it does not know becomes a node that says so, never a guess.
//
// It gives trees and evaluates nothing; package follow does.
package lexis

// Language says how a language spells comments, texts and blocks.
type Language struct {
	// Name is how errors name the language.
	Name string
	// Hash means that # starts a comment, Slashes that // and /* do.
	Hash, Slashes bool
	// Apostrophe means that ' encloses a text as " does; elsewhere it encloses a character.
	Apostrophe bool
	// Triple means that three quotation marks enclose a text of several lines.
	Triple bool
	// Template means that ` encloses a text with ${expressions}.
	Template bool
	// Prefixes are the letters that may stand directly before a text and change it.
	Prefixes string
	// Verbatim means that @ and $ may stand before a text, as in C#.
	Verbatim bool
	// Directives means that a line that starts with # is one for the preprocessor.
	Directives bool
	// Joined means that texts that follow each other are one.
	Joined bool
	// Regex means that a / where an expression starts begins a regular expression.
	Regex bool
	// Indented means that indentation makes blocks, Lines that a line can end a statement.
	Indented, Lines bool
	// Typed means that a declaration starts with a type.
	Typed bool
	// Backslash says what a backslash before an unknown character means.
	Backslash Backslash
}

// Backslash is what a backslash means before a character that it makes nothing special.
type Backslash uint8

const (
	// Wrong means that such a text is not valid.
	Wrong Backslash = iota
	// Dropped means that only the character stays.
	Dropped
	// Kept means that both stay.
	Kept
)

// The languages.
var (
	Python     = &Language{Name: "Python", Hash: true, Apostrophe: true, Triple: true, Prefixes: "rRbBuUfF", Joined: true, Indented: true, Backslash: Kept}
	JavaScript = &Language{Name: "JavaScript", Slashes: true, Apostrophe: true, Template: true, Regex: true, Lines: true, Backslash: Dropped}
	CSharp     = &Language{Name: "C#", Slashes: true, Verbatim: true, Directives: true, Typed: true}
	CPP        = &Language{Name: "C++", Slashes: true, Prefixes: "RLuU8", Directives: true, Joined: true, Typed: true}
)

// Go is for trees that come from Go's own parser.
var Go = &Language{Name: "Go"}
