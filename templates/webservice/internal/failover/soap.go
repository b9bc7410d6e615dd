package failover

import (
	"bytes"
	"encoding/xml"
	"io"
	"mime"
	"net/http"
	"strings"
)

// fault is a SOAP 1.1 or 1.2 fault: the names by which an exception may mean it.
type fault struct {
	names []xml.Name // code, subcodes, and the first element of the detail
}

// String names the code.
func (f *fault) String() string {
	if len(f.names) == 0 {
		return "without a code"
	}
	return qname(f.names[0])
}

func qname(n xml.Name) string { return "{" + n.Space + "}" + n.Local }

// maxPeeked is how much of a response is read to see whether it is a fault.
const maxPeeked = 64 << 10

// peeked is the beginning of a body that was read ahead.
type peeked struct {
	head []byte
	err  error // why the body ended with head; nil: it did not
}

// Read implements io.Reader for a body of which nothing is left.
func (p *peeked) Read(to []byte) (int, error) { return p.next(to, http.NoBody) }

// Close implements io.Closer.
func (p *peeked) Close() error { return nil }

// next returns what was read ahead, then the rest.
func (p *peeked) next(to []byte, rest io.Reader) (int, error) {
	if len(p.head) > 0 {
		n := copy(to, p.head)
		p.head = p.head[n:]
		return n, nil
	}
	if p.err != nil {
		return 0, p.err
	}
	return rest.Read(to)
}

// peek reads as much of a response as it takes to see whether it is a fault, and
// returns what it read; nil if it read nothing. It fails if reading fails.
func peek(r *http.Response) (*fault, *peeked, error) {
	if r.StatusCode != http.StatusInternalServerError && r.StatusCode != http.StatusOK || !isXML(r.Header.Get("Content-Type")) {
		return nil, nil, nil
	}
	size := int64(4096)
	if r.ContentLength >= 0 && r.ContentLength < size {
		size = r.ContentLength + 1 // so that one read sees the end
	}
	p := &peeked{head: make([]byte, size)}
	n, err := r.Body.Read(p.head)
	p.head, p.err = p.head[:n], err
	var said *fault
	if bytes.Contains(p.head, []byte("Fault")) || err == nil && !beginsAnswer(p.head) {
		said = parseFault(&ahead{peeked: p, body: r.Body})
	}
	if p.err != nil && p.err != io.EOF {
		return nil, nil, p.err
	}
	return said, p, nil
}

// beginsAnswer reports whether the beginning of an envelope shows that its body holds
// something other than a fault. It spares answers that one read does not see whole
// a decoder and its memory. It knows the XML that services usually write; of other
// XML it says no, so that a decoder decides.
func beginsAnswer(head []byte) bool {
	depth, inBody := 0, false
	for {
		_, after, begun := bytes.Cut(head, []byte("<"))
		tag, rest, ended := bytes.Cut(after, []byte(">"))
		if !begun || !ended || len(tag) == 0 || tag[0] == '!' || bytes.Count(tag, []byte(`"`))%2 != 0 || bytes.Contains(tag, []byte("'")) {
			return false // it ends here, or a > may be part of a comment or a text
		}
		head = rest
		switch {
		case tag[0] == '?':
		case tag[0] == '/':
			depth--
		case depth == 2 && inBody:
			return true
		case tag[len(tag)-1] != '/':
			depth++
			name, _, _ := bytes.Cut(bytes.TrimSpace(tag), []byte(" "))
			inBody = depth == 2 && (bytes.HasSuffix(name, []byte(":Body")) || string(name) == "Body")
		}
	}
}

// ahead reads a body from its beginning and keeps what it reads.
type ahead struct {
	*peeked
	body io.Reader
	at   int
}

// Read implements io.Reader.
func (a *ahead) Read(to []byte) (int, error) {
	if a.at == len(a.head) && a.err == nil && a.at < maxPeeked {
		var n int
		n, a.err = a.body.Read(to[:min(len(to), maxPeeked-a.at)])
		a.head = append(a.head, to[:n]...)
		a.at += n
		return n, a.err
	}
	n := copy(to, a.head[a.at:])
	a.at += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// isXML reports whether a body of a content type can be a SOAP envelope.
func isXML(contentType string) bool {
	if contentType == "text/xml; charset=utf-8" || contentType == "text/xml;charset=UTF-8" {
		return true
	}
	media, _, _ := mime.ParseMediaType(contentType)
	return media == "text/xml" || media == "application/xml" || media == "application/soap+xml"
}

const (
	soap11 = "http://schemas.xmlsoap.org/soap/envelope/"
	soap12 = "http://www.w3.org/2003/05/soap-envelope"
)

// parseFault reads an envelope until it is known not to hold a fault, or to the
// fault's end. It returns nil for anything else.
func parseFault(r io.Reader) *fault {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // names are ASCII
	var path []xml.StartElement
	var text strings.Builder
	var found *fault
	for {
		token, err := d.Token()
		if err != nil {
			return found
		}
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Copy())
			text.Reset()
			switch {
			case len(path) == 1 && !isSOAP(token.Name, "Envelope"):
				return nil
			case len(path) == 3 && isSOAP(path[1].Name, "Body"):
				if !isSOAP(token.Name, "Fault") {
					return nil
				}
				found = new(fault)
			case len(path) == 5 && found != nil && strings.EqualFold(path[3].Name.Local, "detail"):
				found.names = append(found.names, token.Name)
			}
		case xml.CharData:
			if found != nil {
				text.Write(token)
			}
		case xml.EndElement:
			if found != nil {
				found.ended(path, strings.TrimSpace(text.String()))
			}
			if path = path[:len(path)-1]; len(path) == 2 && found != nil {
				return found
			}
			text.Reset()
		}
	}
}

// ended takes in the text of the last element of path: a code is a name with a
// prefix that an element around it declares.
func (f *fault) ended(path []xml.StartElement, text string) {
	last := path[len(path)-1].Name
	is11 := len(path) == 4 && last.Local == "faultcode"
	is12 := len(path) >= 5 && path[3].Name.Space == soap12 && path[3].Name.Local == "Code" && last.Space == soap12 && last.Local == "Value"
	if !is11 && !is12 {
		return
	}
	prefix, local, ok := strings.Cut(text, ":")
	if !ok {
		prefix, local = "", text
	}
	name := xml.Name{Local: local}
	for _, element := range path {
		for _, a := range element.Attr {
			if a.Name.Space == "xmlns" && a.Name.Local == prefix || prefix == "" && a.Name.Space == "" && a.Name.Local == "xmlns" {
				name.Space = a.Value
			}
		}
	}
	f.names = append(f.names, name)
}

func isSOAP(n xml.Name, local string) bool {
	return n.Local == local && (n.Space == soap11 || n.Space == soap12)
}
