package spec

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/failover-gen/failover-gen/internal/fault"
)

const sample = `version: 1
kind: hazelcast
module: example.com/orders
map: map
clusters:
  - bundle: ../bundles/primary.zip
  - bundle: ../bundles/secondary.zip
    name: pr-5678
    discoveryURL: https://api.example.com
    serverName: hazelcast.cloud
    alias: client
    addresses: ["10.0.0.1:5701", "10.0.0.2:5701"]
    username: app
failover:
  standby: cold
  silence: 8s
  retryTime: 250ms
secrets: none
`

func TestParseReadsWhatIsGivenAndDefaultsTheRest(t *testing.T) {
	s, err := Parse("failover.yaml", []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Module = "example.com/orders"
	want.Clusters = []Cluster{{Bundle: "../bundles/primary.zip"}, {
		Bundle: "../bundles/secondary.zip", Name: "pr-5678", DiscoveryURL: "https://api.example.com", ServerName: "hazelcast.cloud",
		Alias: "client", Addresses: []string{"10.0.0.1:5701", "10.0.0.2:5701"}, Username: "app"}}
	want.Failover.Standby, want.Failover.Silence, want.Failover.RetryTime = StandbyCold, 8*time.Second, 250*time.Millisecond
	want.Secrets = SecretsNone
	if !s.Equal(&want) {
		t.Errorf("got %+v, want %+v", *s, want)
	}
}

func TestFaultsHaveTheirPositionAndAreAllReported(t *testing.T) {
	const text = `version: 2
kind: redis
modul: example.com/orders
clusters:
  - bundle: 7
    token: abc
    discoveryURL: http://example.com
  - name: "a\nb"
  - bundle: a.zip
    bundle: b.zip
failover:
  silence: 5
  failback: later
  standby: [warm]
secrets: vault
`
	want := []string{
		`f.yaml:1:10: version 2 of this file is not known; `,
		`f.yaml:2:7: kind: "redis" is not possible here; say hazelcast`,
		`f.yaml:3:1: unknown key "modul" in the file; `,
		`f.yaml:5:13: bundle is the number 7 where a text belongs; `,
		`f.yaml:6:5: "token" has no place in this file; `,
		`f.yaml:7:19: discoveryURL: "http://example.com" would send the token in the clear; use https`,
		`f.yaml:8:11: name: "a\nb" holds a control character; `,
		`f.yaml:8:5: cluster 2 has no bundle; `,
		`f.yaml:10:5: key "bundle" stands here again, first in line 9; keep one`,
		`f.yaml:12:12: silence: "5" is not a duration; `,
		`f.yaml:13:13: failback: "later" is not possible here; say never or auto`,
		`f.yaml:14:12: standby is a list where a text belongs; `,
		`f.yaml:15:10: secrets: "vault" is not possible here; say dotenv or none`,
		`f.yaml:1:1: key "module" is missing; `,
	}
	_, err := Parse("f.yaml", []byte(text))
	got := strings.Split(err.Error(), "\n")
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(want):
			t.Errorf("unexpected: %s", got[i])
		case i >= len(got) || !strings.HasPrefix(got[i], want[i]):
			t.Errorf("missing: %s\n   at: %s", want[i], strings.Join(got[min(i, len(got)):], "\n       "))
		}
	}
	if fault.ExitCode(err) != 2 {
		t.Errorf("exit code %d, want 2", fault.ExitCode(err))
	}
}

func TestDocumentsThatAreNoSpec(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"", "f.yaml:1:1: the file is empty"},
		"list":          {"- a\n", "f.yaml:1:1: the file is a list where keys with values belong"},
		"syntax":        {"version: 1\nkind: 'hazelcast\n", "f.yaml:"},
		"two documents": {"version: 1\n---\nversion: 1\n", "f.yaml:1:1: the file holds more than one document"},
		"one cluster":   {"version: 1\nmodule: a.b/c\nclusters: [{bundle: a.zip}]\n", "f.yaml:3:11: failover needs at least two clusters"},
		"pauses":        {"version: 1\nmodule: a.b/c\nclusters: [{bundle: a},{bundle: b}]\nfailover: {retryMax: 1ms}\n", "f.yaml:4:12: retryMax (1ms) is less than retryTime (100ms)"},
		"too short":     {"version: 1\nmodule: a.b/c\nclusters: [{bundle: a},{bundle: b}]\nfailover: {silence: 199ms}\n", "f.yaml:4:21: silence: 199ms is out of range; give one from 200ms to 24h"},
		"too long":      {"version: 1\nmodule: a.b/c\nclusters: [{bundle: a},{bundle: b}]\nfailover: {retryMax: 25h}\n", "f.yaml:4:22: retryMax: 25h0m0s is out of range; give one from 1ms to 24h"},
		"nothing":       {"version: 1\nmodule: a.b/c\nclusters: [{bundle: a},{bundle: b}]\nfailover: {confirm: 0}\n", "f.yaml:4:21: confirm: 0s is out of range; give one from 1ms to 24h"},
		"wrong address": {"version: 1\nmodule: a.b/c\nclusters: [{bundle: a, addresses: ['x:y']},{bundle: b}]\n", `f.yaml:3:36: address: "x:y" is not an address of a member; `},
		"merge key":     {"x: &x {a: b}\n<<: *x\n", `f.yaml:1:1: unknown key "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("f.yaml", []byte(c.text))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %s...", err, c.want)
			}
		})
	}
}

// A name from a hostile bundle must not become a line of its own, and every
// text must survive the way through the file.
func TestMarshalParsesToTheSame(t *testing.T) {
	plain := rapid.StringOfN(rapid.Rune(), 1, 40, -1).Filter(func(v string) bool { return checkPlain(v) == nil })
	rapid.Check(t, func(t *rapid.T) {
		s := Default()
		s.Module, s.Map = "example.com/orders", plain.Draw(t, "map")
		for range rapid.IntRange(2, 4).Draw(t, "clusters") {
			s.Clusters = append(s.Clusters, Cluster{Bundle: plain.Draw(t, "bundle"), Entry: rapid.IntRange(0, 9).Draw(t, "entry"), Name: plain.Draw(t, "name"), Alias: plain.Draw(t, "alias")})
		}
		s.Failover.Silence = time.Duration(rapid.Int64Range(int64(200*time.Millisecond), int64(most)).Draw(t, "silence"))
		again, err := Parse("failover.yaml", s.Marshal())
		if err != nil || !again.Equal(&s) {
			t.Fatalf("%v\n%+v\n%s", err, s, s.Marshal())
		}
	})
}

func TestATextThatYAMLTakesForAMergeKeySurvives(t *testing.T) {
	s := Default()
	s.Module, s.Clusters = "example.com/orders", []Cluster{{Bundle: "a.zip", Alias: "<<"}, {Bundle: "b.zip"}}
	if again, err := Parse("failover.yaml", s.Marshal()); err != nil || !again.Equal(&s) {
		t.Errorf("%v\n%s", err, s.Marshal())
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add("clusters: &a [*a]\n")
	f.Add(service)
	f.Add(static)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse("failover.yaml", []byte(text))
		if err != nil {
			return
		}
		if again, err := Parse("failover.yaml", s.Marshal()); err != nil || !again.Equal(s) {
			t.Errorf("%v\n%s", err, s.Marshal())
		}
	})
}

func TestModuleForGivesAPathThatIsValid(t *testing.T) {
	for folder, want := range map[string]string{
		"orders": "example.com/orders", "My Orders!": "example.com/my-orders", "..": "example.com/failover",
		"größe": "example.com/gr--e", "con": "example.com/con-client", "": "example.com/failover",
	} {
		got := ModuleFor(folder)
		if got != want {
			t.Errorf("%q: %q, want %q", folder, got, want)
		}
		if f := checkModule(got); f != nil {
			t.Errorf("%q: %v", folder, f)
		}
	}
}

func TestModulesThatWouldShadowTheStandardLibrary(t *testing.T) {
	list, err := exec.Command("go", "list", "std").Output()
	if err != nil {
		t.Skip("no Go toolchain: ", err)
	}
	for _, path := range append(strings.Fields(string(list)), "main", "net/orders") {
		if checkModule(path) == nil {
			t.Errorf("%s is taken for a project's", path)
		}
	}
	for _, path := range []string{"orders", "example/orders", "example.com/net/http", "netty"} {
		if f := checkModule(path); f != nil {
			t.Error(f)
		}
	}
}

func TestValuesGivenByFlag(t *testing.T) {
	s := Default()
	s.Clusters = make([]Cluster, 2)
	for _, c := range []struct{ key, value, want string }{
		{"standby", "cold", ""}, {"silence", "7s", ""}, {"secrets", "none", ""},
		{"standby", "hot", `standby: "hot" is not possible here`},
		{"speed", "1", `there is no value "speed"`},
	} {
		expect(t, c.key, s.Set(c.key, c.value), c.want)
	}
	for _, c := range []struct {
		n                int
		key, value, want string
	}{
		{2, "name", "pr-5", ""}, {1, "addresses", "a:1, b:2", ""},
		{3, "name", "x", "there is no cluster 3"}, {0, "name", "x", "there is no cluster 0"},
		{1, "bundle", "x", `a cluster has no value "bundle"`}, {1, "token", "x", `a cluster has no value "token"`},
		{1, "name", "", "name is empty"}, {1, "addresses", "a,,b", `"" is not an address`},
		{1, "addresses", "x:y", `"x:y" is not an address`}, {1, "addresses", "a:1:2", `"a:1:2" is not an address`},
		{1, "addresses", ":5701", `":5701" is not an address`}, {1, "addresses", "a:0", `"a:0" is not an address`}, {1, "addresses", "[::1]:5701,::1,a:1,b:2", ""},
		{1, "addresses", "a:1, b:2", ""},
	} {
		expect(t, c.key, s.SetCluster(c.n, c.key, c.value), c.want)
	}
	if s.Failover.Standby != StandbyCold || s.Failover.Silence != 7*time.Second || s.Secrets != SecretsNone ||
		s.Clusters[1].Name != "pr-5" || strings.Join(s.Clusters[0].Addresses, "|") != "a:1|b:2" {
		t.Errorf("not all set: %+v", s)
	}
}

// Whatever is said of an address, what may be a password or a token is not repeated.
func TestNoSecretOfAnAddressIsShown(t *testing.T) {
	for v, want := range map[string]string{
		"https://api.example.com/base":                  "https://api.example.com/base",
		"http://127.0.0.1:8080":                         "http://127.0.0.1:8080",
		"https://user:s3cret@api.example.com/base":      "https://api.example.com/base",
		"https://user:s3/cr@et@api.example.com":         "https://api.example.com",
		"https://user:s3cret?@api.example.com":          "https://...",
		"https://api.example.com?token=s3cret":          "https://api.example.com",
		"https://api.example.com?token=s3cr@s3cret":     "https://...",
		"https://api.example.com/base#s3cret":           "https://api.example.com/base",
		"https://api.example.com/base&token=s3cret":     "https://api.example.com/base",
		"https://api.example.com/base;token=s3cret":     "https://api.example.com/base",
		"https://api.example.com/base%3Ftoken%3Ds3cret": "https://api.example.com/base",
		"user:s3cret@api.example.com":                   "...",
		"//user:s3cret@api.example.com":                 "...",
		"s3cret":                                        "...",
		"s3cret://api.example.com":                      "...",
		"":                                              "",
	} {
		if got := ShownURL(v); got != want {
			t.Errorf("%s is shown as %s, want %s", v, got, want)
		}
		f := CheckDiscoveryURL(v)
		if refused := v != want || v == ""; (f != nil) != refused {
			t.Errorf("%s: refused %v, want %v", v, f, refused)
		} else if refused && strings.Contains(f.Error(), "s3cret") {
			t.Errorf("a secret is in %q", f.Error())
		}
	}
	if f := checkAddress("user:s3cret@10.0.0.1:5701"); f == nil || strings.Contains(f.Error(), "s3cret") {
		t.Errorf("an address with a password: %v", f)
	}
}

func expect(t *testing.T, key string, f *fault.Fault, want string) {
	t.Helper()
	if (f == nil) != (want == "") || f != nil && !strings.HasPrefix(f.Error(), want) {
		t.Errorf("%s: got %v, want %q", key, f, want)
	}
}

func TestLockRoundTripAndFaults(t *testing.T) {
	lock := Lock{Version: 1, Templates: "ab", Clusters: []LockCluster{{Name: "</a>&\n", Keystore: &LockStore{Path: "p", SHA256: "cd"}}},
		Files: []LockFile{{Path: "clusters.go", Owner: "generated", SHA256: "ef"}, {Path: ".env", Owner: "secret"}}}
	again, err := ParseLock(LockName, lock.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	if d, ok := again.Digest("clusters.go"); !ok || d != "ef" {
		t.Errorf("digest %q %v", d, ok)
	}
	if _, ok := again.Digest(".env"); ok {
		t.Error(".env has a digest")
	}
	for text, want := range map[string]string{
		"{\n  \"version\": 1,\n  x}": "failover.lock:3:3: is damaged",
		`{"version": 9}`:             "failover.lock: version 9 of this file is not known",
		"":                           "failover.lock:1:1: is damaged",
	} {
		if _, err := ParseLock(LockName, []byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
