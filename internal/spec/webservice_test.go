package spec

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/failover-gen/failover-gen/internal/fault"
)

const service = `version: 1
kind: webservice
module: example.com/foo
bundle: ../fabric.xml
registry:
  type: zookeeper
  addresses: ["localhost:2181", "10.0.0.1"]
  fabricPath: /demo/fo
  user: fabric
  tls: on
  maximumConnectionTimeout: 20000
  connectionRetryTime: 250ms
failover:
  exceptions: [java.io.IOException, "com.acme.Outer$Busy"]
  exceptionMap: {com.acme.Busy: "{http://acme.com/}Busy", com.acme.Full: 503}
  select: first
  replay: idempotent
  attemptTimeout: 5s
secrets: none
`

const static = "version: 1\nkind: webservice\nmodule: a.b/c\nregistry:\n  type: static\n  endpoints: [\"http://a/Foo\", \"https://b:8443/Foo\"]\n"

func TestAWebserviceSaysWhatIsGivenAndNothingElse(t *testing.T) {
	s, err := Parse("f.yaml", []byte(service))
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultOf(KindWebservice)
	want.Module, want.Secrets = "example.com/foo", SecretsNone
	want.Webservice = Webservice{
		Bundle: "../fabric.xml",
		Registry: Registry{Type: RegistryZooKeeper, Addresses: []string{"localhost:2181", "10.0.0.1"}, FabricPath: "demo/fo", User: "fabric", TLS: TLSOn,
			MaximumConnectionTimeout: 20 * time.Second, ConnectionRetryTime: 250 * time.Millisecond},
		Calls: Calls{Exceptions: []string{IOException, "com.acme.Outer$Busy"}, ExceptionMap: map[string]string{"com.acme.Busy": "{http://acme.com/}Busy", "com.acme.Full": "503"},
			Select: SelectFirst, Replay: ReplayIdempotent, AttemptTimeout: 5 * time.Second},
	}
	if !s.Equal(&want) {
		t.Errorf("got %+v, want %+v", *s, want)
	}
	if at := s.Webservice.BundleAt.String(); at != "f.yaml:4:9" {
		t.Errorf("the bundle is named at %s", at)
	}
	if again, err := Parse("f.yaml", s.Marshal()); err != nil || !again.Equal(s) {
		t.Errorf("%v\n%s", err, s.Marshal())
	}
}

func TestWhatIsLeftOutIsTakenFromTheBundleAndThenTheDefault(t *testing.T) {
	defaults := Webservice{Registry: Registry{Type: RegistryZooKeeper, Addresses: []string{"localhost:2181"}, TLS: TLSOff, MaximumConnectionTimeout: 10 * time.Second, ConnectionRetryTime: 100 * time.Millisecond},
		Calls: Calls{Exceptions: []string{IOException}, Select: SelectSticky, Replay: ReplayUnsent, AttemptTimeout: 10 * time.Second, CallTimeout: 30 * time.Second}}
	if got := (Webservice{}).Settled(Webservice{}); !got.equal(&defaults) {
		t.Errorf("the defaults are %+v", got)
	}
	said := Webservice{Registry: Registry{Addresses: []string{"zk:2181"}, FabricPath: "demo/fo", User: "fabric", MaximumConnectionTimeout: time.Second}, Calls: Calls{Exceptions: []string{"a.B"}}}
	got := Webservice{Registry: Registry{FabricPath: "mine"}}.Settled(said)
	if r := got.Registry; r.Addresses[0] != "zk:2181" || r.FabricPath != "mine" || r.User != "fabric" || r.MaximumConnectionTimeout != time.Second || r.ConnectionRetryTime != 100*time.Millisecond || got.Calls.Exceptions[0] != "a.B" {
		t.Errorf("over a bundle: %+v", got)
	}
	got = Webservice{Registry: Registry{Type: RegistryStatic, Endpoints: []string{"http://a"}}}.Settled(said)
	if r := got.Registry; len(r.Addresses) > 0 || r.FabricPath != "" || r.User != "" || r.TLS != "" || len(got.Check()) > 0 {
		t.Errorf("a static registry takes ZooKeeper's values: %+v, %v", got, got.Check())
	}
	for _, c := range []struct{ attempt, call, wantAttempt, wantCall time.Duration }{
		{0, 2 * time.Second, 2 * time.Second, 2 * time.Second}, {time.Minute, 0, time.Minute, time.Minute}, {time.Second, 0, time.Second, 30 * time.Second},
	} {
		got := Webservice{Calls: Calls{AttemptTimeout: c.attempt, CallTimeout: c.call}}.Settled(said).Calls
		if got.AttemptTimeout != c.wantAttempt || got.CallTimeout != c.wantCall {
			t.Errorf("%v and %v give %v and %v", c.attempt, c.call, got.AttemptTimeout, got.CallTimeout)
		}
	}
	if got := (Webservice{Calls: Calls{Compat: true}}).Settled(said).Calls; got.Select != SelectFirst || got.Replay != ReplayAlways {
		t.Errorf("compat gives %+v", got)
	}
	spelled := Webservice{Bundle: "f.xml"}
	if spelled.SpellOut(); spelled.Registry.Type != "" || spelled.Calls.Exceptions != nil || spelled.Calls.CallTimeout != 30*time.Second {
		t.Errorf("a new file overrides its bundle: %+v", spelled)
	}
}

func TestFaultsOfAWebserviceHaveTheirPosition(t *testing.T) {
	const head = "version: 1\nkind: webservice\nmodule: a.b/c\n"
	for name, c := range map[string]struct{ text, want string }{
		"neither bundle nor path": {head, "f.yaml:1:1: nothing says where the endpoints are listed; add fabricPath"},
		"no path":                 {head + "registry:\n  addresses: [\"a:1\"]\n", "f.yaml:5:3: nothing says where the endpoints are listed"},
		"static, no endpoints":    {head + "registry: {type: static}\n", "f.yaml:4:12: a static registry has no endpoints"},
		"static with a path":      {static + "  fabricPath: demo/fo\n", "f.yaml:7:3: fabricPath has no meaning for a static registry; remove it, or say type: zookeeper"},
		"static with addresses":   {static + "  addresses: [\"a:1\"]\n", "f.yaml:7:3: addresses has no meaning"},
		"endpoints of ZooKeeper":  {head + "registry: {fabricPath: a, endpoints: [\"http://a\"]}\n", "f.yaml:4:27: the registry ZooKeeper has its own list"},
		"compat and sticky":       {static + "failover: {compat: true, select: sticky}\n", "f.yaml:7:26: compat: true means select: first, and here it is sticky; remove one of the two"},
		"compat and unsent":       {static + "failover: {compat: true, replay: unsent}\n", "f.yaml:7:26: compat: true means replay: always"},
		"timeouts":                {static + "failover: {callTimeout: 1s, attemptTimeout: 2s}\n", "f.yaml:7:29: attemptTimeout (2s) is longer than callTimeout (1s)"},
		"same endpoint":           {head + "registry:\n  type: static\n  endpoints: [\"http://A:1/Foo\", \"http://a:1/Foo\"]\n", `f.yaml:6:33: endpoints: "http://a:1/Foo" stands here twice; keep one`},
		"an endpoint's user":      {head + "registry: {type: static, endpoints: [\"http://u:p@a/Foo\"]}\n", `f.yaml:4:38: "http://a/Foo" with what stands around it is not an address of a web service; leave out the user, the query and the fragment`},
		"an endpoint's query":     {head + "registry: {type: static, endpoints: [\"http://a/Foo?wsdl\"]}\n", `f.yaml:4:38: "http://a/Foo" with what stands around it`},
		"an empty fragment":       {head + "registry: {type: static, endpoints: [\"http://a/Foo#\"]}\n", `f.yaml:4:38: "http://a/Foo" with what stands around it`},
		"a relative endpoint":     {head + "registry: {type: static, endpoints: [\"/Foo\"]}\n", `f.yaml:4:38: "/Foo" is not an address of a web service; give one like http://localhost:8185/Foo`},
		"another protocol":        {head + "registry: {type: static, endpoints: [\"jms://a\"]}\n", "f.yaml:4:38: \"jms://a\" is not an address of a web service"},
		"what may be a password":  {head + "registry: {type: static, endpoints: [\"u:secret@a/Foo\"]}\n", "f.yaml:4:38: \"...\" is not an address of a web service"},
		"a port that cannot be":   {head + "registry: {type: static, endpoints: [\"http://a:70000/\"]}\n", `f.yaml:4:38: "http://a:70000/" has a port that cannot be`},
		"endpoints as a text":     {head + "registry: {type: static, endpoints: \"http://a\"}\n", "f.yaml:4:37: endpoints is a text where a list belongs"},
		"a path upwards":          {head + "registry: {fabricPath: demo/../fo}\n", `f.yaml:4:24: fabricPath: "demo/../fo" is not a path in ZooKeeper; give one like demo/fo`},
		"only slashes":            {head + "registry: {fabricPath: //}\n", "f.yaml:4:24: fabricPath: "},
		"a path in an address":    {head + "registry: {fabricPath: a, addresses: [\"a:1/chroot\"]}\n", "f.yaml:4:39: \"a:1/chroot\" is not an address of ZooKeeper; give the servers only"},
		"an address with a user":  {head + "registry: {fabricPath: a, addresses: [\"u:p@a:x\"]}\n", "f.yaml:4:39: \"a:x\" is not an address of ZooKeeper"},
		"a user with its secret":  {head + "registry: {fabricPath: a, user: \"fabric:s3cret\"}\n", "f.yaml:4:33: user: a user has no colon"},
		"a secret":                {head + "registry: {fabricPath: a, password: x}\n", "f.yaml:4:27: \"password\" has no place in this file"},
		"a plain number":          {head + "registry: {fabricPath: a, maximumConnectionTimeout: 99}\n", "f.yaml:4:53: maximumConnectionTimeout: 99ms is out of range; give one from 100ms to 24h"},
		"a number for a call":     {static + "failover: {callTimeout: 30}\n", "f.yaml:7:25: callTimeout: \"30\" is not a duration"},
		"not a class":             {static + "failover: {exceptions: [\"java.io.IOException; java.net.X\"]}\n", `f.yaml:7:25: "java.io.IOException; java.net.X" is not the name of a Java class; give the full name of the class, like java.io.IOException`},
		"a class twice":           {static + "failover: {exceptions: [a.B, a.B]}\n", `f.yaml:7:30: exceptions: "a.B" stands here twice`},
		"no class at all":         {static + "failover: {exceptions: []}\n", "f.yaml:7:24: exceptions is an empty list where a list belongs"},
		"a status of success":     {static + "failover: {exceptionMap: {a.B: 200}}\n", `f.yaml:7:32: a.B: "200" is neither a fault nor a status; give the fault as "{namespace}name", or an HTTP status from 400 to 599`},
		"a fault without braces":  {static + "failover: {exceptionMap: {a.B: Busy}}\n", `f.yaml:7:32: a.B: "Busy" is neither`},
		"a map as a list":         {static + "failover: {exceptionMap: [a.B]}\n", "f.yaml:7:26: exceptionMap is a list where names with values belong"},
		"a name twice":            {static + "failover: {exceptionMap: {a.B: 503, a.B: 504}}\n", `f.yaml:7:37: key "a.B" stands here again`},
		"compat as a text":        {static + "failover: {compat: maybe}\n", `f.yaml:7:20: compat: "maybe" is not possible here; say true or false`},
		"clusters":                {head + "clusters: []\n", `f.yaml:4:1: unknown key "clusters" in the file`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("f.yaml", []byte(c.text))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v, want %s...", err, c.want)
			}
		})
	}
}

func TestValuesOfAWebserviceGivenByFlag(t *testing.T) {
	s := DefaultOf(KindWebservice)
	for _, c := range []struct{ key, value, want string }{
		{"type", "static", ""}, {"endpoints", "http://a/Foo, http://b/Foo", ""}, {"exceptions", "java.io.IOException; a.B", ""},
		{"exceptionMap", "a.B={http://a/}B; a.C=503", ""}, {"compat", "true", ""}, {"maximumConnectionTimeout", "5000", ""}, {"bundle", "f.xml", ""}, {"secrets", "none", ""},
		{"endpoints", "http://a/Foo,http://a/Foo", `endpoints: "http://a/Foo" stands here twice`}, {"endpoints", "localhost:8185/Foo", `"localhost:8185/Foo" is not an address of a web service`},
		{"exceptionMap", "a.B", `a.B: "" is neither a fault nor a status`}, {"exceptionMap", "a.B=503;a.B=504", `exceptionMap: "a.B" stands here twice`},
		{"compat", "yes", `compat: "yes" is not possible here`}, {"map", "x", `there is no value "map" in a project of kind webservice; failover-gen schema --kind webservice lists the keys`}, {"standby", "warm", `there is no value "standby"`},
	} {
		expect(t, c.key, s.Set(c.key, c.value), c.want)
	}
	w := s.Webservice
	if len(w.Registry.Endpoints) != 2 || len(w.Calls.Exceptions) != 2 || w.Calls.ExceptionMap["a.B"] != "{http://a/}B" || !w.Calls.Compat ||
		w.Registry.MaximumConnectionTimeout != 5*time.Second || w.Bundle != "f.xml" || s.Secrets != SecretsNone {
		t.Errorf("not all set: %+v", s)
	}
	hazelcast := Default()
	expect(t, "select", hazelcast.Set("select", "first"), `there is no value "select"`)
}

// Every text of a webservice must survive the way through the file.
func TestMarshalOfAWebserviceParsesToTheSame(t *testing.T) {
	plain := rapid.StringOfN(rapid.Rune(), 1, 40, -1).Filter(func(v string) bool { return checkUser(v) == nil })
	path := plain.Filter(func(v string) bool { return checkFabricPath(v) == nil })
	class := rapid.StringMatching(`[a-z]{1,4}\.[A-Z$][a-z0-9_$é]{0,5}`)
	times := rapid.Int64Range(int64(100*time.Millisecond), int64(time.Hour))
	rapid.Check(t, func(t *rapid.T) {
		s := DefaultOf(KindWebservice)
		s.Module = "example.com/orders"
		w := &s.Webservice
		if rapid.Bool().Draw(t, "bundle") {
			w.Bundle = plain.Draw(t, "file")
		}
		w.Registry = Registry{FabricPath: cleanFabricPath(path.Draw(t, "path")), User: plain.Draw(t, "user"), MaximumConnectionTimeout: time.Duration(times.Draw(t, "timeout"))}
		w.Calls.Exceptions = rapid.SliceOfNDistinct(class, 0, 3, rapid.ID[string]).Draw(t, "exceptions")
		w.Calls.Compat = rapid.Bool().Draw(t, "compat")
		if name := class.Draw(t, "map"); name != "a.A" {
			w.Calls.ExceptionMap = map[string]string{name: "{" + rapid.StringMatching(`[a-z:/#']{0,9}`).Draw(t, "namespace") + "}x"}
		}
		if rapid.Bool().Draw(t, "spell out") {
			w.SpellOut()
		}
		again, err := Parse("f.yaml", s.Marshal())
		if err != nil || !again.Equal(&s) || again.Digest() != s.Digest() {
			t.Fatalf("%v\n%+v\n%s", err, s, s.Marshal())
		}
	})
}

func TestEditOfAWebserviceKeepsAllElse(t *testing.T) {
	text := "# mine\n" + static + "failover:\n  select: sticky # stay\n  exceptions: [a.B] # all\nsecrets: dotenv\n"
	for name, test := range map[string]struct {
		change   Change
		from, to string
	}{
		"a word":         {Change{0, "select", "first"}, "sticky # stay", "first # stay"},
		"a list":         {Change{0, "exceptions", "a.B;a.C"}, "[a.B] # all", `["a.B", "a.C"] # all`},
		"a new map":      {Change{0, "exceptionMap", "a.B=503"}, "[a.B] # all\n", "[a.B] # all\n  exceptionMap: {\"a.B\": \"503\"}\n"},
		"a new number":   {Change{0, "connectionRetryTime", "50"}, "8443/Foo\"]\n", "8443/Foo\"]\n  connectionRetryTime: 50ms\n"},
		"a truth value":  {Change{0, "compat", "false"}, "[a.B] # all\n", "[a.B] # all\n  compat: false\n"},
		"the endpoints":  {Change{0, "endpoints", "http://c"}, `["http://a/Foo", "https://b:8443/Foo"]`, `["http://c"]`},
		"outside of all": {Change{0, "secrets", "none"}, "dotenv", "none"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Edit("f.yaml", []byte(text), []Change{test.change})
			if want := strings.Replace(text, test.from, test.to, 1); err != nil || string(got) != want {
				t.Errorf("%v\n%s\nwant\n%s", err, got, want)
			}
		})
	}
	_, err := Edit("f.yaml", []byte(text), []Change{{0, "compat", "true"}})
	if err == nil || !strings.HasPrefix(err.Error(), "f.yaml:9:3: compat: true means select: first, and here it is sticky") || fault.ExitCode(err) != 2 {
		t.Errorf("a contradiction: %v", err)
	}
	if _, err := Edit("f.yaml", []byte(text), []Change{{0, "select", "first"}, {0, "compat", "true"}}); err != nil {
		t.Error(err)
	}
}

func TestTheSchemaOfAWebserviceTakesWhatParseTakes(t *testing.T) {
	schema := compiled(t, KindWebservice)
	for _, text := range []string{service, static} {
		if err := validate(t, schema, strings.Replace(text, "tls: on", `tls: "on"`, 1)); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
	for _, wrong := range []string{
		static + "clusters: []\n", static + "failover: {select: random}\n", static + "failover: {callTimeout: 5}\n", static + "failover: {exceptions: a.B}\n",
		static + "failover: {compat: maybe}\n", strings.Replace(static, "type: static", "type: etcd", 1), static + "  connectionRetryTime: 0\n", static + "  password: x\n",
		strings.Replace(static, "module", "modul", 1),
	} {
		if err := validate(t, schema, wrong); err == nil {
			t.Errorf("the schema takes\n%s", wrong)
		}
		if _, err := Parse("f.yaml", []byte(wrong)); err == nil {
			t.Errorf("Parse takes\n%s", wrong)
		}
	}
	if err := validate(t, compiled(t, KindHazelcast), static); err == nil {
		t.Error("the schema of the kind hazelcast takes a webservice")
	}
}

func TestTheLockOfAWebservice(t *testing.T) {
	said := Webservice{Bundle: "f.xml", Registry: Registry{Addresses: []string{"zk:1"}, FabricPath: "demo/fo", User: "u", MaximumConnectionTimeout: 10 * time.Second, ConnectionRetryTime: time.Millisecond}, Calls: Calls{Exceptions: []string{"a.B"}}}
	lock := Lock{Version: 1, Webservice: LockSaid(said)}
	text := string(lock.Marshal())
	again, err := ParseLock(LockName, []byte(text))
	if err != nil || strings.Contains(text, "clusters") {
		t.Fatalf("%v\n%s", err, text)
	}
	if got := again.Webservice.Said(); !got.equal(&said) {
		t.Errorf("got %+v, want %+v", got, said)
	}
}
