package bundle

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// describeRegistry writes a registry as the cases want it, as describe does. The
// secret is revealed; it is the corpus's own.
func describeRegistry(b *Bundle) string {
	var out strings.Builder
	inner := func(file string) string {
		return strings.TrimPrefix(strings.TrimLeft(strings.TrimPrefix(file, b.Path), "!/"), "top/")
	}
	line := func(field, text string, at fault.Position) {
		fmt.Fprintf(&out, "%s = %q at %s:%d:%d\n", field, text, inner(at.File), at.Line, at.Column)
	}
	r := b.Registry
	if r == nil {
		return "not a registry\n"
	}
	value := func(field string, v Value) {
		if v.Text != "" {
			line(field, v.Text, v.At)
		}
	}
	fmt.Fprintf(&out, "form %s, %s\n", b.Form, r.Kind)
	for _, a := range r.Addresses {
		value("address", a)
	}
	value("fabricPath", r.FabricPath)
	value("user", r.User)
	if r.Password.Present() {
		line("password", r.Password.Reveal(), r.Password.At)
	}
	value("maximumConnectionTimeout", r.MaximumConnectionTimeout)
	value("connectionRetryTime", r.ConnectionRetryTime)
	for _, e := range r.Exceptions {
		value("exception", e)
	}
	value("client's address", r.Address)
	value("serviceClass", r.ServiceClass)
	short := strings.NewReplacer(b.Path+"/top/", "", b.Path+"/", "", b.Path+"!top/", "", b.Path+"!", "")
	for _, n := range r.NoEffect {
		fmt.Fprintf(&out, "no effect: %s\n", short.Replace(n))
	}
	for _, w := range b.Warnings {
		fmt.Fprintf(&out, "warning: %s\n", short.Replace(w))
	}
	return out.String()
}

// TestRegistries reads every spelling, and checks that each position is that of the
// text: what stands there begins with the value or with the variable for it.
func TestRegistries(t *testing.T) {
	for _, c := range corpus.Load(t, "testdata/fabric") {
		t.Run(c.Name, func(t *testing.T) {
			b, err := Read(corpus.Dir(t, c.Files))
			if err != nil {
				t.Fatal(err)
			}
			got := describeRegistry(b)
			if *update {
				c.Record(t, got)
			} else if got != c.Want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.Title, got, c.Want)
			}
			r := b.Registry
			for _, v := range append([]Value{r.FabricPath, r.MaximumConnectionTimeout, r.ConnectionRetryTime, r.Address, r.ServiceClass}, r.Exceptions...) {
				standsAt(t, v)
			}
		})
	}
}

func standsAt(t *testing.T, v Value) {
	t.Helper()
	if v.Text == "" {
		return
	}
	data, err := os.ReadFile(v.At.File)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	rest := bytes.Join(append([][]byte{lines[v.At.Line-1][v.At.Column-1:]}, lines[v.At.Line:]...), nil)
	if s := string(rest); !strings.HasPrefix(s, "$") && !strings.HasPrefix(s, "/"+v.Text) && !strings.Contains(s[:min(len(s), 100)], v.Text) {
		t.Errorf("%q is at %s, where %.30q stands", v.Text, v.At, s)
	}
}

// TestRegistriesInContainers wants the same from every container and line end, and
// from the file by itself where it is the only one.
func TestRegistriesInContainers(t *testing.T) {
	for _, c := range corpus.Load(t, "testdata/fabric") {
		crlf := make([]txtar.File, len(c.Files))
		for i, f := range c.Files {
			crlf[i] = txtar.File{Name: f.Name, Data: bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))}
		}
		paths := map[string]string{
			"directory with a folder": corpus.Dir(t, corpus.In("top/", c.Files)),
			"directory with CRLF":     corpus.Dir(t, crlf),
			"zip":                     corpus.File(t, corpus.Zip(t, c.Files)),
			"zip with a folder":       corpus.File(t, corpus.Zip(t, corpus.In("top/", c.Files))),
			"tar.gz":                  corpus.File(t, corpus.Tar(t, nil, c.Files)),
		}
		for kind, path := range paths {
			b, err := Read(path)
			if err != nil {
				t.Errorf("%s: %s: %v", c.Name, kind, err)
			} else if got := describeRegistry(b); got != c.Want && !onlyOne(c.Files, got, c.Want) {
				t.Errorf("%s: %s\ngot:\n%s\nwant:\n%s", c.Name, kind, got, c.Want)
			}
		}
		if len(c.Files) == 1 {
			b, err := Read(filepath.Join(corpus.Dir(t, c.Files), filepath.FromSlash(c.Files[0].Name)))
			if err != nil || withoutPlaces(describeRegistry(b)) != withoutPlaces(c.Want) {
				t.Errorf("%s by itself: %v\n%s", c.Name, err, describeRegistry(b))
			}
		}
	}
}

// onlyOne forgives that folders which hold all files are not part of their names.
func onlyOne(files []txtar.File, got, want string) bool {
	for _, folder := range []string{"META-INF/spring/", "OSGI-INF/blueprint/"} {
		if got == strings.ReplaceAll(want, folder, "") {
			return true
		}
	}
	return false
}

// withoutPlaces leaves the values only.
func withoutPlaces(described string) string {
	var values []string
	for line := range strings.Lines(described) {
		if value, _, found := strings.Cut(line, " at "); found {
			values = append(values, value)
		}
	}
	return strings.Join(values, "\n")
}

// TestRegistryErrors wants every fault, word for word, and no secret in any.
func TestRegistryErrors(t *testing.T) {
	for _, c := range corpus.Load(t, "testdata/fabric-errors") {
		t.Run(c.Name, func(t *testing.T) {
			path := corpus.Dir(t, c.Files)
			_, err := Read(path)
			if err == nil {
				t.Fatal("read without error")
			}
			got := strings.NewReplacer(path+"/", "", path, "BUNDLE").Replace(err.Error()) + "\n"
			if *update {
				c.Record(t, got)
			} else if got != c.Want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.Title, got, c.Want)
			}
			wantInput(t, err)
		})
	}
}

func TestWhatTheUserGivesNeedNotBeInTheXML(t *testing.T) {
	for _, c := range corpus.Load(t, "testdata/fabric-errors") {
		if c.Name != "variables" && c.Name != "no-path" && c.Name != "wrong-values" {
			continue
		}
		b, err := ReadWith(corpus.Dir(t, c.Files), Overrides{Fields: []string{"fabricPath", "addresses", "exceptions", "maximumConnectionTimeout", "connectionRetryTime"}})
		if err != nil || b.Registry == nil || b.Registry.FabricPath.Text != "" {
			t.Errorf("%s: %+v, %v", c.Name, b, err)
		}
	}
}

func TestARegistryAsASpec(t *testing.T) {
	for _, c := range corpus.Load(t, "testdata/fabric") {
		if c.Name != "fabric8" {
			continue
		}
		b, err := Read(corpus.Dir(t, c.Files))
		if err != nil {
			t.Fatal(err)
		}
		w := b.Registry.Said()
		if w.Registry.MaximumConnectionTimeout != 20*time.Second || w.Registry.ConnectionRetryTime != 250*time.Millisecond || len(w.Registry.Addresses) != 2 ||
			w.Registry.User != "fabric" || len(w.Calls.Exceptions) != 2 || len(w.Check()) > 0 {
			t.Errorf("%+v, %v", w, w.Check())
		}
		if f := b.LacksClusters(); f == nil || !strings.Contains(f.Error(), "a project of kind webservice is made from it with generate --from") {
			t.Errorf("as a bundle of Hazelcast: %v", f)
		}
	}
}

// Among the files of a Hazelcast bundle, XML of other kinds changes nothing.
func TestOtherXMLIsPassedOver(t *testing.T) {
	more := []txtar.File{{Name: "META-INF/spring/a.xml", Data: []byte("<beans>")}, {Name: "log4j.xml", Data: []byte("<!DOCTYPE x><x/>")}, {Name: "a.properties", Data: []byte("a=b")}}
	good := corpus.Good(t, "testdata/spellings")
	b, err := Read(corpus.Dir(t, append(more, good...)))
	if err != nil || b.Registry != nil || len(b.Clusters) != 1 {
		t.Errorf("%+v, %v", b, err)
	}
	dir := corpus.Dir(t, more)
	if _, err := Read(filepath.Join(dir, "log4j.xml")); err == nil || !strings.Contains(err.Error(), "log4j.xml: this XML file sets up no client: it has neither a bean of class FabricFailOverFeature nor a Hazelcast client; give the file") {
		t.Errorf("XML of another kind by itself: %v", err)
	}
	// A Java source that is given by itself means that source.
	source := append([]txtar.File{{Name: "src/main/java/com/example/x.xml", Data: []byte("<beans><bean class='io.fabric8.cxf.FabricFailOverFeature'/></beans>")}}, good...)
	if b, err := Read(filepath.Join(corpus.Dir(t, source), "src/main/java/com/example/Demo.java")); err != nil || b.Registry != nil {
		t.Errorf("a Java source beside an XML: %+v, %v", b, err)
	}
}
