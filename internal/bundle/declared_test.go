package bundle

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/bundle/java"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/bundle/spring"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// declaredForms are the folders with cases of declarative configuration.
var declaredForms = []string{"declared", "spring"}

// TestDeclared reads every case from a directory, and checks that each position is
// where a text stands.
func TestDeclared(t *testing.T) {
	for _, form := range declaredForms {
		for _, c := range corpus.Load(t, "testdata/"+form) {
			t.Run(form+"/"+c.Name, func(t *testing.T) {
				b, err := Read(corpus.Dir(t, c.Files))
				if err != nil {
					t.Fatal(err)
				}
				got := describe(b)
				if *update {
					c.Record(t, got)
				} else if got != c.Want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.Title, got, c.Want)
				}
				for _, cluster := range b.Clusters {
					for text, at := range map[string]fault.Position{cluster.Name.Text: cluster.Name.At, cluster.Token.Reveal(): cluster.Token.At,
						cluster.Password.Reveal(): cluster.Password.At, cluster.KeystorePassword.Reveal(): cluster.KeystorePassword.At} {
						if at.Line > 0 && !strings.HasSuffix(at.File, ".java") {
							wantTextAt(t, text, at)
						}
					}
				}
			})
		}
	}
}

// wantTextAt looks up a value where it is said to stand.
func wantTextAt(t *testing.T, text string, at fault.Position) {
	t.Helper()
	data, err := os.ReadFile(at.File)
	if err != nil {
		t.Fatal(err)
	}
	rest := strings.Split(string(data), "\n")[at.Line-1][at.Column-1:]
	if !strings.HasPrefix(strings.TrimLeft(rest, `"'`), text) && !strings.HasPrefix(rest, "${") {
		t.Errorf("%s is at %q, where no value starts", at, rest)
	}
}

// TestDeclaredInContainers reads every case from every container, with Unix and
// Windows line ends, and its first file by itself.
func TestDeclaredInContainers(t *testing.T) {
	for _, form := range declaredForms {
		for _, c := range corpus.Load(t, "testdata/"+form) {
			crlf := slices.Clone(c.Files)
			for i, f := range crlf {
				if isText(f.Name) {
					crlf[i].Data = bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))
				}
			}
			paths := map[string]string{
				"directory with a folder": corpus.Dir(t, corpus.In("top/", c.Files)),
				"directory with CRLF":     corpus.Dir(t, crlf),
				"zip":                     corpus.File(t, corpus.Zip(t, c.Files)),
				"zip with a folder":       corpus.File(t, corpus.Zip(t, corpus.In("top/", c.Files))),
				"tar.gz":                  corpus.File(t, corpus.Tar(t, nil, c.Files)),
			}
			for kind, path := range paths {
				wantCase(t, &c, kind, path, path)
			}
			if first := c.Files[0].Name; isText(first) && !slices.ContainsFunc(c.Files, func(f txtar.File) bool { return strings.Contains(f.Name, "/") }) {
				dir := corpus.Dir(t, c.Files)
				wantCase(t, &c, "by itself", filepath.Join(dir, first), dir)
			}
		}
	}
}

func isText(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".xml", ".properties", ".java"}, filepath.Ext(name))
}

func wantCase(t *testing.T, c *corpus.Case, kind, path, name string) {
	t.Helper()
	b, err := Read(path)
	if err != nil {
		t.Errorf("%s: %s: %v", c.Name, kind, err)
		return
	}
	b.Path = name // files are named as the case does
	if got := describe(b); got != c.Want {
		t.Errorf("%s: %s\ngot:\n%s\nwant:\n%s", c.Name, kind, got, c.Want)
	}
}

// TestDeclaredErrors wants every fault, word for word, and no secret in any.
func TestDeclaredErrors(t *testing.T) {
	for _, form := range declaredForms {
		for _, c := range corpus.Load(t, "testdata/"+form+"-errors") {
			t.Run(form+"/"+c.Name, func(t *testing.T) {
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
}

// TestMutatedDeclarations damages the files of every case.
func TestMutatedDeclarations(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	for _, form := range declaredForms {
		for _, c := range append(corpus.Load(t, "testdata/"+form), corpus.Load(t, "testdata/"+form+"-errors")...) {
			for range 25 {
				files := slices.Clone(c.Files)
				i := r.IntN(len(files))
				files[i].Data = corpus.Mutate(r, files[i].Data)
				survives(t, corpus.Reused(t, corpus.Zip(t, files)))
			}
		}
	}
}

// A Spring file is that of a web service where it has the feature, and that of a
// Hazelcast client where it only names it.
func TestSpringFilesOfBothKinds(t *testing.T) {
	const client = `<hz:client><hz:cluster-name>pr-1001</hz:cluster-name><hz:network><hz:member>10.0.0.1</hz:member></hz:network></hz:client>`
	const feature = `<bean class="io.fabric8.cxf.FabricFailOverFeature"><property name="fabricPath" value="a"/></bean>`
	for _, c := range []struct {
		text     string
		registry bool
	}{
		{client, false}, {client + "<!-- FabricFailOverFeature -->", false}, {client + feature, true}, {feature, true},
	} {
		dir := corpus.Dir(t, []txtar.File{{Name: "a.xml", Data: []byte(`<beans xmlns:hz="http://www.hazelcast.com/schema/spring">` + c.text + "</beans>")}})
		for _, path := range []string{dir, filepath.Join(dir, "a.xml")} {
			b, err := Read(path)
			if err != nil || (b.Registry != nil) != c.registry || (len(b.Clusters) == 1) == c.registry {
				t.Errorf("%s: %+v, %v", c.text, b, err)
			}
		}
	}
}

// Of files whose names do not tell there may be any number beside a source, but not
// where one of them is to be found.
func TestFarMoreFilesThanAClient(t *testing.T) {
	var many []txtar.File
	for i := range maxSources + 1 {
		many = append(many, txtar.File{Name: fmt.Sprintf("f/%d.yaml", i), Data: []byte("hazelcast-client:\n  cluster-name: a\n")})
	}
	good := corpus.Good(t, "testdata/spellings")
	if b, err := Read(corpus.Dir(t, append(many, good...))); err != nil || b.Form != "java" {
		t.Errorf("beside Java: %+v, %v", b, err)
	}
	_, err := Read(corpus.Dir(t, many))
	if err == nil || !strings.Contains(err.Error(), "it has 301 YAML files, far more than a client bundle") {
		t.Errorf("alone: %v", err)
	}
}

// Java and the application files that Spring gives it are one client, not two.
func TestSpringGivesJavaItsValues(t *testing.T) {
	at, elsewhere := fault.Position{File: "application.properties", Line: 1, Column: 1}, fault.In("A.java")
	config := func(form *said.Reader, name, token said.Value) found {
		return found{said.Candidate{Configs: []said.Config{{Name: name, Token: token}}}, form}
	}
	parameter, token := said.Unknown("a parameter", elsewhere), said.Of("t", at)
	boot := config(&spring.Boot, said.Of("pr-1", at), token)
	withoutToken := config(&spring.Boot, said.Of("pr-1", at), said.Value{})
	followed := config(&java.Reader, said.Of("pr-1", at), token)
	partly := config(&java.Reader, said.Of("pr-1", at), parameter)
	other := config(&java.Reader, said.Of("pr-2", elsewhere), token)
	unknown := config(&java.Reader, parameter, parameter)
	kotlin := config(&java.Kotlin, parameter, parameter)
	for name, c := range map[string]struct{ have, want []found }{
		"parameters":                        {[]found{unknown, boot}, []found{boot}},
		"the token is a parameter":          {[]found{partly, boot}, []found{boot}},
		"all is followed":                   {[]found{followed, boot}, []found{followed}},
		"what is not followed is not there": {[]found{partly, withoutToken}, []found{partly}},
		"another cluster":                   {[]found{other, boot}, []found{other, boot}},
		"parameters in Kotlin":              {[]found{kotlin, boot}, []found{boot}},
		"no application file":               {[]found{unknown}, []found{unknown}},
	} {
		got := withoutInjected(c.have)
		if !slices.EqualFunc(got, c.want, func(a, b found) bool { return a.form == b.form && a.Configs[0].Name == b.Configs[0].Name }) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

const refusedTable = `
## Refused

| what is there | what is said |
|---|---|
`

// declaredPage is what the page says before each of the tables about Hazelcast's own
// files.
var declaredPage = formPage{dirs: []string{"declared"}, errors: "declared-errors", refused: refusedTable, read: `
# The declarative configuration that is read

failover-gen reads hazelcast-client.xml and hazelcast-client.yaml from 3.x to 5.x, whatever their names are, and the ordered lists of
hazelcast-client-failover files. The files that a list or an import names must be in the bundle. A file can be given by itself, with the
files that it names beside it. A note tells what has no counterpart in a project, a warning what is odd but usable.

## Read

| what the files have | read as |
|---|---|
`}

// springPage is what it says about Spring's.
var springPage = formPage{dirs: []string{"spring"}, errors: "spring-errors", refused: refusedTable, read: `
# The files of Spring that are read

failover-gen reads hz:client and hz:client-failover in Spring's XML, and the keys of hazelcast.cloud, or of the older hazelcast.viridian, in
the application files of Spring Boot. Values that Spring takes from the environment are refused, and so are expressions.

## Read

| what the files have | read as |
|---|---|
`}
