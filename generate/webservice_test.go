package generate

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
)

// secretOfXML is the password in what fabricXML returns.
const secretOfXML = "battery-staple"

// fabricXML asks for a project of a Blueprint file that has a password.
func fabricXML(t *testing.T, change func(*spec.Spec)) Request {
	t.Helper()
	name := filepath.Join(t.TempDir(), "fabric.xml")
	const text = `<blueprint xmlns="http://www.osgi.org/xmlns/blueprint/v1.0.0">
  <bean class="io.fabric8.cxf.FabricFailOverFeature">
    <property name="zooKeeperUrl" value="zk:2181"/>
    <property name="zooKeeperPassword" value="` + secretOfXML + `"/>
    <property name="fabricPath" value="demo/fo"/>
    <property name="exceptions" value="java.net.ConnectException"/>
  </bean>
</blueprint>
`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := spec.DefaultOf(spec.KindWebservice)
	ordersModule(&s)
	s.Webservice.Bundle = "../fabric.xml"
	if change != nil {
		change(&s)
	}
	return Request{Spec: &s, Bundles: []string{name}}
}

// parsedLock parses the lock of a project.
func parsedLock(t *testing.T, p *Result) *spec.Lock {
	t.Helper()
	lock, err := spec.ParseLock(spec.LockName, fileNamed(t, p, spec.LockName).Data)
	if err != nil {
		t.Fatal(err)
	}
	return lock
}

// The password of the XML is in .env and nowhere else, and its user is that of a Fabric.
func TestTheSecretOfAWebServiceIsInDotenvAlone(t *testing.T) {
	p := project(t, fabricXML(t, nil))
	if v := p.Want.Secrets; len(v) != 1 || v[0].Key != "FAILOVER_REGISTRY_PASSWORD" || string(v[0].Data) != secretOfXML || v[0].Path != tree.Dotenv {
		t.Errorf("%d secrets", len(v))
	}
	for _, f := range p.Want.Files {
		if bytes.Contains(f.Data, []byte(secretOfXML)) {
			t.Errorf("%s holds the password", f.Path)
		}
	}
	if compiled := string(fileNamed(t, p, "internal/settings/compiled.go").Data); !strings.Contains(compiled, `"fabric"`) {
		t.Errorf("no user is compiled in:\n%s", compiled)
	}
	none := project(t, fabricXML(t, func(s *spec.Spec) { s.Secrets = spec.SecretsNone }))
	if len(none.Want.Secrets) != 0 || !slices.Contains(parsedLock(t, none).Webservice.Secrets, "PASSWORD") {
		t.Error("secrets: none gives a secret, or the lock does not know of it")
	}
}

// A static list has no registry, and so no password.
func TestAStaticListNeedsNoPassword(t *testing.T) {
	p := project(t, fabricXML(t, func(s *spec.Spec) {
		s.Webservice.Registry.Type, s.Webservice.Registry.Endpoints = spec.RegistryStatic, []string{"http://a/Foo"}
	}))
	compiled := string(fileNamed(t, p, "internal/settings/compiled.go").Data)
	if len(p.Want.Secrets) != 0 || strings.Contains(compiled, "fabric") || !strings.Contains(compiled, `"http://a/Foo"`) {
		t.Errorf("%d secrets, and\n%s", len(p.Want.Secrets), compiled)
	}
	if service := string(fileNamed(t, p, "service.go").Data); !strings.Contains(service, "java.net.ConnectException") {
		t.Errorf("the exceptions of the XML are not in\n%s", service)
	}
}

func TestTheLockStandsInForTheXML(t *testing.T) {
	r := fabricXML(t, nil)
	first := project(t, r)
	r.Lock, r.InSpec, r.Bundles = parsedLock(t, first), true, []string{"/none/fabric.xml"}
	second := project(t, r)
	for i, f := range first.Want.Files {
		if g := second.Want.Files[i]; f.Path != g.Path || !bytes.Equal(f.Data, g.Data) {
			t.Errorf("%s differs from %s", g.Path, f.Path)
		}
	}
	if v := second.Want.Secrets; len(v) != 1 || !v[0].Unknown || len(second.Notes) != 1 || !strings.Contains(second.Notes[0], "../fabric.xml") {
		t.Errorf("%d secrets, notes %q", len(v), second.Notes)
	}
	r.LockOnly = true
	if notes := project(t, r).Notes; len(notes) != 0 {
		t.Errorf("notes %q although the file was not looked for", notes)
	}
}

// A password that the XML no longer has is commented out in .env: a password
// without a user stops the program.
func TestAPasswordThatLeftTheXMLIsGone(t *testing.T) {
	r := fabricXML(t, nil)
	lock := parsedLock(t, project(t, r))
	text, err := os.ReadFile(r.Bundles[0])
	if err == nil {
		err = os.WriteFile(r.Bundles[0], bytes.Replace(text, []byte("zooKeeperPassword"), []byte("addressResolver"), 1), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	r.Lock = lock
	if p := project(t, r); len(p.Want.Secrets) != 0 || len(p.Want.Moves.Gone) != 1 || p.Want.Moves.Gone[0].Prefix != "FAILOVER_REGISTRY_PASSWORD" {
		t.Errorf("%d secrets, gone: %+v", len(p.Want.Secrets), p.Want.Moves.Gone)
	}
}

// What Java does and the project does not is said when the project is made.
func TestExceptionsAreWarnedOf(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*spec.Spec)
		want   string
	}{
		"without IOException": {nil, "fabric.xml:6:40: java.io.IOException is not listed"},
		"unknown, in compat": {func(s *spec.Spec) {
			s.Webservice.Calls = spec.Calls{Compat: true, Exceptions: []string{"com.acme.Busy"}}
		}, "com.acme.Busy stands for in Go, so it has no effect"},
		"all as in Java": {func(s *spec.Spec) { s.Webservice.Calls.Compat = true }, ""},
		"mapped": {func(s *spec.Spec) {
			s.Webservice.Calls.Exceptions, s.Webservice.Calls.ExceptionMap = []string{"com.acme.Busy"}, map[string]string{"com.acme.Busy": "503"}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := project(t, fabricXML(t, c.change)).Warnings
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("warnings %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatAWebServiceCannotBeMadeFrom(t *testing.T) {
	at := fault.Position{File: spec.FileName, Line: 4, Column: 9}
	for name, c := range map[string]struct {
		request func() Request
		want    string
	}{
		"no XML and no lock": {func() Request {
			r := fabricXML(t, func(s *spec.Spec) { s.Webservice.BundleAt = at })
			r.Bundles, r.InSpec = []string{"/none/fabric.xml"}, true
			return r
		}, "failover.yaml:4:9: the bundle ../fabric.xml does not exist; correct the path here"},
		"another XML than the lock knows": {func() Request {
			r := fabricXML(t, func(s *spec.Spec) { s.Webservice.BundleAt = at })
			r.Bundles, r.InSpec = []string{"/none/fabric.xml"}, true
			r.Lock = &spec.Lock{Version: spec.Version, Webservice: &spec.LockWebservice{Bundle: "../other.xml", Secrets: []string{}}}
			return r
		}, "failover.yaml:4:9: the bundle ../fabric.xml does not exist, and failover.lock does not know it"},
		"an exception that nothing explains": {func() Request {
			return fabricXML(t, func(s *spec.Spec) {
				s.Webservice.Calls.Exceptions, s.Webservice.Calls.ExceptionsAt = []string{"java.io.IOException", "com.acme.Busy"}, at
			})
		}, "failover.yaml:4:9: it is not known what the exception com.acme.Busy stands for in Go; correct the name"},
		"an exception that stands for no failure": {func() Request {
			return fabricXML(t, func(s *spec.Spec) { s.Webservice.Calls.ExceptionMap = map[string]string{"com.acme.Busy": "400"} })
		}, `"com.acme.Busy" stands for HTTP status 400`},
		"a package": {func() Request { return serviceSample(func(s *spec.Spec) { s.Layout = spec.LayoutPackage }) }, "cannot be a package yet"},
		"clusters": {func() Request {
			r := bundled(t)
			s := spec.DefaultOf(spec.KindWebservice)
			ordersModule(&s)
			s.Webservice.Bundle = "1.zip"
			return Request{Spec: &s, Bundles: r.Bundles[:1]}
		}, "sets up Hazelcast clusters"},
		"a project of the other kind": {func() Request {
			r := serviceSample(nil)
			r.Lock = lockOnly(nil).Lock
			r.Lock.Files = []spec.LockFile{{Path: "main.go"}}
			return r
		}, "the kind cannot be changed to webservice"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Project(context.Background(), c.request())
			hasLine(t, err, c.want)
			if fault.ExitCode(err) != int(fault.Input) {
				t.Errorf("exit code %d, want 2", fault.ExitCode(err))
			}
		})
	}
}
