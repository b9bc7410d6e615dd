package fabric

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
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

// element is one element of an XML file.
type element struct {
	space, name string
	at          fault.Position
	attributes  []attribute
	children    []*element
	parent      *element
	text        []byte         // what stands in it directly
	textAt      fault.Position // where that begins, blanks not counted
}

// attribute is one attribute, with the place at which its value begins.
type attribute struct {
	space, name, value string
	at                 fault.Position
}

// document is one XML file.
type document struct {
	root  *element
	lines []int // offsets at which they begin
	file  string
}

// parse reads one XML file. Document types are refused, and with them entities.
func parse(file string, data []byte) (*document, *fault.Fault) {
	data, err := decoded(data)
	d := &document{file: file, lines: []int{0}}
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
	var open *element
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
			e := &element{space: t.Name.Space, name: t.Name.Local, at: d.position(start), parent: open}
			e.attributes = d.attributes(t.Attr, data[start:end], start)
			if open == nil {
				d.root = e
			} else {
				open.children = append(open.children, e)
			}
			open = e
		case xml.EndElement:
			open, depth = open.parent, depth-1
		case xml.CharData:
			if open != nil {
				open.add(d, t, data[start:end], start)
			}
		}
	}
	if d.root == nil {
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

func (d *document) broken(offset int, err error) *fault.Fault {
	cause := err.Error()
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		cause = "is not well-formed XML" // the decoder's words can repeat a secret
	}
	return fault.Wrap(fault.Input, d.position(offset), cause, "correct the file; it must be XML in UTF-8", err)
}

// position gives line and column of an offset.
func (d *document) position(offset int) fault.Position {
	line, found := slices.BinarySearch(d.lines, offset)
	if !found {
		line--
	}
	return fault.Position{File: d.file, Line: line + 1, Column: offset - d.lines[line] + 1}
}

// attributes finds where each value of a tag begins. The decoder has checked the tag.
func (d *document) attributes(list []xml.Attr, tag []byte, offset int) []attribute {
	attributes := make([]attribute, len(list))
	next := bytes.IndexFunc(tag, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) })
	for i, a := range list {
		attributes[i] = attribute{a.Name.Space, a.Name.Local, a.Value, d.position(offset)}
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
		attributes[i].at = d.position(offset + begin)
		if end := bytes.IndexByte(tag[begin:], tag[begin-1]); end >= 0 {
			next = begin + end + 1
		} else {
			next = -1
		}
	}
	return attributes
}

// add appends text to what stands in e. Raw is the text as the file has it.
func (e *element) add(d *document, text, raw []byte, offset int) {
	e.text = append(e.text, text...)
	if e.textAt.Line == 0 {
		if first := bytes.IndexFunc(raw, func(r rune) bool { return !strings.ContainsRune(" \t\r\n", r) }); first >= 0 {
			e.textAt = d.position(offset + first)
		}
	}
}

// namespaces of the elements that are looked for. A file may have none at all.
const (
	springNS    = "http://www.springframework.org/schema/"
	blueprintNS = "http://www.osgi.org/xmlns/blueprint/"
	ariesNS     = "http://aries.apache.org/blueprint/xmlns/"
	cxfNS       = "http://cxf.apache.org/"
)

// isBean reports whether e is the element of this name of Spring's or Blueprint's
// own vocabulary.
func (e *element) isBean(name string) bool {
	return e.name == name && (e.space == "" || e.space == springNS+"beans" || strings.HasPrefix(e.space, blueprintNS))
}

// in reports whether e is an element of another vocabulary.
func (e *element) in(namespace, name string) bool {
	return e.name == name && strings.HasPrefix(e.space, namespace)
}

// attribute gives the value of an attribute without a prefix.
func (e *element) attribute(name string) said.Value {
	for _, a := range e.attributes {
		if a.space == "" && a.name == name {
			return said.Of(a.value, a.at)
		}
	}
	return said.Value{}
}

// is gives an attribute as a word of the vocabulary.
func (e *element) word(name string) string { return strings.TrimSpace(e.attribute(name).Text) }

// walk visits e and all below it.
func (e *element) walk(visit func(*element)) {
	visit(e)
	for _, c := range e.children {
		c.walk(visit)
	}
}

// form names the kind of file, "" where it is neither of the two.
func (d *document) form() string {
	switch {
	case d.root.isBean("beans"):
		return "spring-xml"
	case d.root.isBean("blueprint"):
		return "blueprint-xml"
	}
	return ""
}

// describe names an element in a message.
func (e *element) describe() string {
	if id := e.word("id"); id != "" && safe(id) {
		return fmt.Sprintf("the %s %q", e.name, id)
	}
	return "the " + e.name
}

// safe reports whether a text is a plain name, which can be shown.
func safe(text string) bool {
	return len(text) < 100 && !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-$:", r))
	})
}
