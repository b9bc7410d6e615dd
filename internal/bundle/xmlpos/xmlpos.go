// Package xmlpos reads XML files into elements that know where they stand: line and
// column of each element, attribute and text. Document types are refused, and with
// them entities; depth and number of elements are bounded. The package knows no
// vocabulary.
package xmlpos

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

const (
	// maxDepth bounds elements in elements. Real files have about ten levels.
	maxDepth = 64
	// maxElements bounds the memory that a file can ask for.
	maxElements = 50_000
)

// Element is one element of an XML file.
type Element struct {
	// Space is its namespace, or its prefix where nothing declares that.
	Space, Name string
	At          fault.Position
	Attributes  []Attribute
	Children    []*Element
	Parent      *Element
	// Text is what stands in it directly, TextAt where that begins, blanks not counted.
	Text   []byte
	TextAt fault.Position
}

// Attribute is one attribute, with the place at which its value begins.
type Attribute struct {
	Space, Name, Value string
	At                 fault.Position
}

// Document is one XML file.
type Document struct {
	Root  *Element
	File  string
	lines []int // offsets at which they begin
}

// Parse reads one XML file. Document types are refused, and with them entities.
func Parse(file string, data []byte) (*Document, *fault.Fault) {
	data, err := decoded(data)
	d := &Document{File: file, lines: []int{0}}
	if err != nil {
		return nil, d.broken(0, err)
	}
	for i, b := range data {
		if b == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	decoder := xml.NewDecoder(bytes.NewReader(data))
	decoder.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decoded already
	var open *Element
	elements, depth := 0, 0
	for {
		start := int(decoder.InputOffset())
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, d.broken(int(decoder.InputOffset()), err)
		}
		end := int(decoder.InputOffset())
		switch t := token.(type) {
		case xml.Directive:
			return nil, fault.New(fault.Input, d.position(start), "the file has a document type, which is not read", "remove the line <!DOCTYPE ...>")
		case xml.StartElement:
			if elements, depth = elements+1, depth+1; elements > maxElements || depth > maxDepth {
				return nil, fault.New(fault.Input, d.position(start), "the file has far more or deeper elements than a client's", "give the file with the client's beans alone")
			}
			e := &Element{Space: t.Name.Space, Name: t.Name.Local, At: d.position(start), Parent: open}
			e.Attributes = d.attributes(t.Attr, data[start:end], start)
			if open == nil {
				d.Root = e
			} else {
				open.Children = append(open.Children, e)
			}
			open = e
		case xml.EndElement:
			open, depth = open.Parent, depth-1
		case xml.CharData:
			if open != nil {
				open.add(d, t, data[start:end], start)
			}
		}
	}
	if d.Root == nil {
		return nil, d.broken(len(data), errors.New("the file has no element"))
	}
	return d, nil
}

// decoded gives UTF-8. Files in ISO 8859-1 say so in their first line.
func decoded(data []byte) ([]byte, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	head, _, _ := bytes.Cut(data[:min(len(data), 200)], []byte("?>"))
	head = bytes.ToLower(head)
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")), bytes.Contains(head, []byte("\"utf-16")):
		return nil, errors.New("the file is in UTF-16")
	case !utf8.Valid(data) && (bytes.Contains(head, []byte("iso-8859-1")) || bytes.Contains(head, []byte("latin1"))):
		runes := make([]rune, len(data))
		for i, b := range data {
			runes[i] = rune(b)
		}
		return []byte(string(runes)), nil
	}
	return data, nil
}

func (d *Document) broken(offset int, err error) *fault.Fault {
	cause := err.Error()
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		cause = "is not well-formed XML" // the decoder's words can repeat a secret
	}
	return fault.Wrap(fault.Input, d.position(offset), cause, "correct the file; it must be XML in UTF-8", err)
}

// position gives line and column of an offset.
func (d *Document) position(offset int) fault.Position {
	line, found := slices.BinarySearch(d.lines, offset)
	if !found {
		line--
	}
	return fault.Position{File: d.File, Line: line + 1, Column: offset - d.lines[line] + 1}
}

// attributes finds where each value of a tag begins. The decoder has checked the tag.
func (d *Document) attributes(list []xml.Attr, tag []byte, offset int) []Attribute {
	attributes := make([]Attribute, len(list))
	next := bytes.IndexFunc(tag, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) })
	for i, a := range list {
		attributes[i] = Attribute{a.Name.Space, a.Name.Local, a.Value, d.position(offset)}
		equals := -1
		if next >= 0 {
			equals = bytes.IndexByte(tag[next:], '=')
		}
		if equals < 0 {
			next = -1
			continue
		}
		quote := bytes.IndexAny(tag[next+equals:], `"'`)
		if quote < 0 {
			next = -1
			continue
		}
		begin := next + equals + quote + 1
		attributes[i].At = d.position(offset + begin)
		if end := bytes.IndexByte(tag[begin:], tag[begin-1]); end >= 0 {
			next = begin + end + 1
		} else {
			next = -1
		}
	}
	return attributes
}

// add appends text to what stands in e. Raw is the text as the file has it.
func (e *Element) add(d *Document, text, raw []byte, offset int) {
	e.Text = append(e.Text, text...)
	if e.TextAt.Line == 0 {
		if first := bytes.IndexFunc(raw, func(r rune) bool { return !strings.ContainsRune(" \t\r\n", r) }); first >= 0 {
			e.TextAt = d.position(offset + first)
		}
	}
}

// In reports whether e is the element of this name in a vocabulary whose namespace
// begins so.
func (e *Element) In(namespace, name string) bool {
	return e.Name == name && strings.HasPrefix(e.Space, namespace)
}

// Attribute gives the value of an attribute without a prefix.
func (e *Element) Attribute(name string) said.Value {
	for _, a := range e.Attributes {
		if a.Space == "" && a.Name == name {
			return said.Of(a.Value, a.At)
		}
	}
	return said.Value{}
}

// Word gives an attribute as a word of the vocabulary.
func (e *Element) Word(name string) string { return strings.TrimSpace(e.Attribute(name).Text) }

// Walk visits e and all below it.
func (e *Element) Walk(visit func(*Element)) {
	visit(e)
	for _, c := range e.Children {
		c.Walk(visit)
	}
}
