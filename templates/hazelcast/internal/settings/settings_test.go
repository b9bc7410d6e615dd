package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestMain removes what CI sets for our own tests: it begins with FAILOVER_ too,
// and settings warn of it.
func TestMain(m *testing.M) {
	for _, name := range []string{"FAILOVER_LONG", "FAILOVER_REQUIRE_CHROMIUM", "FAILOVER_REQUIRE_JAVA", "FAILOVER_REQUIRE_KUBECTL", "FAILOVER_REQUIRE_PROMTOOL", "FAILOVER_REQUIRE_TMUX", "FAILOVER_REQUIRE_ZOOKEEPER", "FAILOVER_RUNS", "FAILOVER_SOAK"} {
		_ = os.Unsetenv(name)
	}
	os.Exit(m.Run())
}

// two is what a project of two clusters has compiled in: the first is found by
// discovery, the second by addresses.
var two = []Cluster{
	{Name: "a", DiscoveryURL: "https://d", ServerName: "s", Keystore: "k", Truststore: "t"},
	{Name: "b", Addresses: []string{"b:1"}, ServerName: "s", Keystore: "k2", Truststore: "t2"},
}

// load loads with that .env, "" for none, and variables of the environment.
func load(t *testing.T, dotenv string, env map[string]string) (*Settings, error) {
	t.Helper()
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "resources"), 0o700); err != nil {
		t.Fatal(err)
	}
	if dotenv != "" {
		if err := os.WriteFile(filepath.Join(home, ".env"), []byte(dotenv), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("FAILOVER_HOME", home)
	for key, value := range env {
		t.Setenv(key, value)
	}
	return Load(two)
}

type vars = map[string]string

func TestTheEnvironmentBeatsDotenvWhichBeatsWhatIsCompiledIn(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(" from file \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		dotenv string
		env    vars
		get    func(*Settings) any
		want   any
	}{
		"compiled":                      {"", nil, func(s *Settings) any { return s.Clusters[0].Name }, "a"},
		".env":                          {"FAILOVER_1_NAME='x'", nil, func(s *Settings) any { return s.Clusters[0].Name }, "x"},
		"environment":                   {"FAILOVER_1_NAME='x'", vars{"FAILOVER_1_NAME": "y"}, func(s *Settings) any { return s.Clusters[0].Name }, "y"},
		"the other cluster":             {"FAILOVER_1_NAME='x'", nil, func(s *Settings) any { return s.Clusters[1].Name }, "b"},
		"empty":                         {"FAILOVER_1_TOKEN='x'", vars{"FAILOVER_1_TOKEN": ""}, func(s *Settings) any { return s.Clusters[0].Token }, ""},
		"a file":                        {"FAILOVER_1_TOKEN='x'", vars{"FAILOVER_1_TOKEN_FILE": secret}, func(s *Settings) any { return s.Clusters[0].Token }, " from file "},
		"a file in .env":                {"FAILOVER_2_KEY_PASSWORD_FILE='" + secret + "'", nil, func(s *Settings) any { return s.Clusters[1].KeyPassword }, " from file "},
		"addresses beat a URL":          {"", vars{"FAILOVER_1_ADDRESSES": "h:1, h:2"}, func(s *Settings) any { return s.Clusters[0].Addresses }, []string{"h:1", "h:2"}},
		"which is gone":                 {"", vars{"FAILOVER_1_ADDRESSES": "h:1"}, func(s *Settings) any { return s.Clusters[0].DiscoveryURL }, ""},
		"a URL beats addresses":         {"FAILOVER_2_DISCOVERY_URL='https://e'", nil, func(s *Settings) any { return len(s.Clusters[1].Addresses) }, 0},
		"a URL beats those of .env":     {"FAILOVER_1_ADDRESSES='h:1'", vars{"FAILOVER_1_DISCOVERY_URL": "https://e"}, func(s *Settings) any { return s.Clusters[0].DiscoveryURL }, "https://e"},
		"no addresses, and a URL":       {"", vars{"FAILOVER_2_DISCOVERY_URL": "https://e", "FAILOVER_2_ADDRESSES": ""}, func(s *Settings) any { return len(s.Clusters[1].Addresses) }, 0},
		"no keystore":                   {"", vars{"FAILOVER_1_KEYSTORE": ""}, func(s *Settings) any { return s.Clusters[0].Keystore }, ""},
		"another store, as it is given": {"FAILOVER_1_KEYSTORE='/p/k'", nil, func(s *Settings) any { return s.Clusters[0].Keystore }, "/p/k"},
		"pin":                           {"FAILOVER_PIN='b'", nil, func(s *Settings) any { return s.Pin }, "b"},
		"pin by a name that is set":     {"FAILOVER_1_NAME='x'\nFAILOVER_PIN='x'", nil, func(s *Settings) any { return s.Pin }, "x"},
		"no pin":                        {"FAILOVER_PIN='b'", vars{"FAILOVER_PIN": ""}, func(s *Settings) any { return s.Pin }, ""},
		"pin file":                      {"FAILOVER_PIN_FILE='/etc/pin'", nil, func(s *Settings) any { return s.PinFile }, "/etc/pin"},
		"registry":                      {"FAILOVER_PIN_REGISTRY='zk1:2181, zk2'", nil, func(s *Settings) any { return s.Registry.Addresses }, []string{"zk1:2181", "zk2"}},
		"no registry":                   {"FAILOVER_PIN_REGISTRY='zk1'", vars{"FAILOVER_PIN_REGISTRY": ""}, func(s *Settings) any { return len(s.Registry.Addresses) }, 0},
		"registry's path":               {"FAILOVER_REGISTRY_PATH='/a'", vars{"FAILOVER_REGISTRY_PATH": "/b"}, func(s *Settings) any { return s.Registry.Path }, "/b"},
		"registry's user":               {"FAILOVER_REGISTRY_USER='u'", vars{"FAILOVER_REGISTRY_PASSWORD_FILE": secret}, func(s *Settings) any { return s.Registry.User + s.Registry.Password }, "u from file "},
		"registry with TLS":             {"FAILOVER_REGISTRY_CA='/ca'", nil, func(s *Settings) any { return s.Registry.HasTLS() && s.Registry.CA == "/ca" }, true},
		"ledger":                        {"FAILOVER_LEDGER='l'", nil, func(s *Settings) any { return s.Ledger }, "l"},
		"writers":                       {"FAILOVER_WRITERS='3'", vars{"FAILOVER_WRITERS": "4"}, func(s *Settings) any { return s.Writers }, 4},
		"map":                           {"FAILOVER_MAP='m'", vars{"FAILOVER_MAP": "other"}, func(s *Settings) any { return s.Map }, "other"},
		"keys":                          {"FAILOVER_KEYS='k-'", nil, func(s *Settings) any { return s.Keys }, "k-"},
		"one writer":                    {"FAILOVER_WRITERS='3'", vars{"FAILOVER_WRITERS": ""}, func(s *Settings) any { return s.Writers }, 1},
		"quotes":                        {`FAILOVER_1_TOKEN='it'\''s $x "y" #'`, nil, func(s *Settings) any { return s.Clusters[0].Token }, `it's $x "y" #`},
		"bare":                          {"FAILOVER_1_TOKEN=a$b  # c", nil, func(s *Settings) any { return s.Clusters[0].Token }, "a$b"},
		"double quotes and export":      {`export FAILOVER_1_TOKEN="a\"\n"`, nil, func(s *Settings) any { return s.Clusters[0].Token }, "a\"\n"},
		"a byte order mark":             {"\ufeffFAILOVER_1_TOKEN='x'", nil, func(s *Settings) any { return s.Clusters[0].Token }, "x"},
		"space and line ends":           {"# c\r\n\r\n FAILOVER_1_TOKEN ='x '\r\n", nil, func(s *Settings) any { return s.Clusters[0].Token }, "x "},
		"of other programs":             {"A='1'\nA='2'\nFAILOVER_1_TOKEN='x'", nil, func(s *Settings) any { return s.Clusters[0].Token }, "x"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := load(t, test.dotenv, test.env)
			if err != nil {
				t.Fatal(err)
			}
			if got := test.get(s); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
		})
	}
}

func TestWrongSettingsAreRefusedByName(t *testing.T) {
	const token = "very-secret"
	tests := map[string]struct {
		dotenv string
		env    vars
		want   []string
	}{
		"misspelt":             {"# c\nFAILOVER_1_TOKNE='" + token + "'", nil, []string{".env:2: FAILOVER_1_TOKNE: there is no such setting; did you mean FAILOVER_1_TOKEN?"}},
		"misspelt program":     {"FAILOVER_WRITER='2'", nil, []string{".env:1: FAILOVER_WRITER:", "did you mean FAILOVER_WRITERS?"}},
		"near nothing":         {"FAILOVER_SECRET='" + token + "'", nil, []string{".env:1: FAILOVER_SECRET: there is no such setting; .env.example"}},
		"home in .env":         {"FAILOVER_HOME='/x'", nil, []string{".env:1: FAILOVER_HOME: ", ".env.example says", "where"}},
		"cluster 0":            {"FAILOVER_0_TOKEN='" + token + "'", nil, []string{"FAILOVER_0_TOKEN", "FAILOVER_1_TOKEN?"}},
		"cluster 01":           {"FAILOVER_01_TOKEN='" + token + "'", nil, []string{"FAILOVER_01_TOKEN", "FAILOVER_1_TOKEN?"}},
		"a file for no secret": {"FAILOVER_1_NAME_FILE='/x'", nil, []string{"FAILOVER_1_NAME_FILE: there is no"}},
		"twice":                {"FAILOVER_1_TOKEN='a'\nFAILOVER_1_TOKEN='" + token + "'", nil, []string{".env:2: FAILOVER_1_TOKEN stands here a second time; keep one"}},
		"one quote":            {"FAILOVER_1_TOKEN='" + token, nil, []string{".env:1: ", "single quotes", "one '"}},
		"no value":             {token, nil, []string{".env:1: ", "not a setting", "write KEY='value'"}},
		"several":              {"FAILOVER_1_TOKEN='" + token + "\n=\nFAILOVER_PEN='b'", vars{"FAILOVER_WRITERS": "0"}, []string{".env:1: ", ".env:2: ", ".env:3: ", "FAILOVER_WRITERS"}},
		"value and file":       {"", vars{"FAILOVER_2_TOKEN": token, "FAILOVER_2_TOKEN_FILE": "/x"}, []string{"FAILOVER_2_TOKEN and FAILOVER_2_TOKEN_FILE"}},
		"no such file":         {"FAILOVER_1_PASSWORD_FILE='/none/such'", nil, []string{"FAILOVER_1_PASSWORD_FILE", "/none/such", "name a file"}},
		"URL and addresses":    {"FAILOVER_1_DISCOVERY_URL='https://e'\nFAILOVER_1_ADDRESSES='h:1'", nil, []string{"FAILOVER_1_DISCOVERY_URL and FAILOVER_1_ADDRESSES"}},
		"no stores":            {"", vars{"FAILOVER_2_KEYSTORE": "", "FAILOVER_2_TRUSTSTORE": ""}, []string{"FAILOVER_2_TRUSTSTORE", "FAILOVER_2_KEYSTORE"}},
		"no truststore":        {"FAILOVER_1_TRUSTSTORE=''", nil, []string{"FAILOVER_1_TRUSTSTORE"}},
		"store and PEM file":   {"FAILOVER_1_KEYSTORE='a'\nFAILOVER_1_CERT='b'", nil, []string{"FAILOVER_1_KEYSTORE and FAILOVER_1_CERT are both set"}},
		"pinned to nothing":    {"FAILOVER_PIN='c'", nil, []string{`FAILOVER_PIN is "c"`, `"a" "b"`}},
		"pinned twice":         {"FAILOVER_PIN='a'", vars{"FAILOVER_PIN_FILE": "f"}, []string{"FAILOVER_PIN and FAILOVER_PIN_FILE are set"}},
		"pinned by two means":  {"FAILOVER_PIN_FILE='f'\nFAILOVER_PIN_REGISTRY='zk'", nil, []string{"FAILOVER_PIN_FILE and FAILOVER_PIN_REGISTRY are set"}},
		"registry's password":  {"FAILOVER_REGISTRY_USER='u'", nil, []string{"FAILOVER_REGISTRY_PASSWORD is missing", "user u"}},
		"registry's no user":   {"FAILOVER_REGISTRY_PASSWORD='hidden'", nil, []string{"FAILOVER_REGISTRY_USER is not"}},
		"registry's key":       {"FAILOVER_REGISTRY_CERT='c'", nil, []string{"FAILOVER_REGISTRY_CERT and FAILOVER_REGISTRY_KEY go together"}},
		"writers":              {"", vars{"FAILOVER_WRITERS": "many"}, []string{`FAILOVER_WRITERS is "many"`}},
		"no writers":           {"FAILOVER_WRITERS='0'", nil, []string{"FAILOVER_WRITERS"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, test.dotenv, test.env)
			if err == nil {
				t.Fatal("it is taken")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), token) {
				t.Errorf("%q shows the secret", err)
			}
		})
	}
}

// A layer's store replaces the PEM files of lower layers, and the other way round.
// Key and trust are apart.
func TestStoresAndPEMFilesReplaceEachOther(t *testing.T) {
	for name, test := range map[string]struct {
		dotenv string
		env    vars
		want   Cluster
	}{
		"nothing set":           {"", nil, Cluster{Keystore: "k", Truststore: "t"}},
		"PEM in .env":           {"FAILOVER_1_CERT='/c'\nFAILOVER_1_KEY='/p'", nil, Cluster{Cert: "/c", Key: "/p", Truststore: "t"}},
		"stores above PEM":      {"FAILOVER_1_CERT='/c'\nFAILOVER_1_KEY='/p'\nFAILOVER_1_CA='/a'", vars{"FAILOVER_1_KEYSTORE": "/k", "FAILOVER_1_TRUSTSTORE": "/t"}, Cluster{Keystore: "/k", Truststore: "/t"}},
		"only trust above":      {"", vars{"FAILOVER_1_CA": "/a"}, Cluster{Keystore: "k", CA: "/a"}},
		"empty above":           {"FAILOVER_1_CA='/a'", vars{"FAILOVER_1_TRUSTSTORE": ""}, Cluster{Keystore: "k", CA: "/a"}},
		"PEM above PEM, partly": {"FAILOVER_1_CERT='/c'\nFAILOVER_1_KEY='/p'", vars{"FAILOVER_1_CERT": "/c2"}, Cluster{Cert: "/c2", Key: "/p", Truststore: "t"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := load(t, test.dotenv, test.env)
			if err != nil {
				t.Fatal(err)
			}
			for i, got := range s.Clusters[0].files() {
				want := *test.want.files()[i]
				if want != "" && !strings.HasPrefix(want, "/") {
					*got = filepath.Base(*got)
				}
				if *got != want {
					t.Errorf("file %d is %q, want %q", i, *got, want)
				}
			}
		})
	}
}

func TestWhatIsLeftOfAClusterThatWentWarns(t *testing.T) {
	s, err := load(t, "FAILOVER_2_TOKEN='x'\nFAILOVER_3_TOKEN='y'\nFAILOVER_3_PASSWORD_FILE='/none'", vars{"FAILOVER_4_ADDRESSES": "h:1"})
	if err != nil {
		t.Fatal(err)
	}
	warns(t, s, ".env:2: FAILOVER_3_TOKEN is ignored: there are 2 clusters", ".env:3: FAILOVER_3_PASSWORD_FILE is ignored", "FAILOVER_4_ADDRESSES in the environment is ignored: there are 2 clusters")
}

func TestWhatMeansNothingInTheEnvironmentWarns(t *testing.T) {
	const secret = "very-secret"
	s, err := load(t, "", vars{"FAILOVER_1_PASWORD": secret, "FAILOVER_PORT": secret, "FAILOVERS": secret})
	if err != nil {
		t.Fatal(err)
	}
	warns(t, s, "FAILOVER_1_PASWORD in the environment is ignored: there is no such setting; did you mean FAILOVER_1_PASSWORD?",
		"FAILOVER_PORT in the environment is ignored: there is no such setting; .env.example")
	if strings.Contains(strings.Join(s.Warnings, ""), secret) {
		t.Errorf("%q shows the secret", s.Warnings)
	}
}

// warns wants one warning for each text, in this order.
func warns(t *testing.T, s *Settings, texts ...string) {
	t.Helper()
	if len(s.Warnings) != len(texts) {
		t.Fatalf("%d warnings, want %d: %q", len(s.Warnings), len(texts), s.Warnings)
	}
	for i, text := range texts {
		if !strings.Contains(s.Warnings[i], text) {
			t.Errorf("%q does not say %q", s.Warnings[i], text)
		}
	}
}

func TestASecretThatTheBundleHadMustBeSet(t *testing.T) {
	needy := []Cluster{{Name: "a", DiscoveryURL: "https://d", Username: "u", Needs: []string{"TOKEN", "PASSWORD"}}}
	home := t.TempDir()
	t.Setenv("FAILOVER_HOME", home)
	if err := os.Mkdir(filepath.Join(home, "resources"), 0o700); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		env  vars
		want []string // nil: it is enough
	}{
		"nothing":            {nil, []string{"FAILOVER_1_TOKEN is missing, but the bundle of a had one; set it, or FAILOVER_1_TOKEN_FILE", "FAILOVER_1_PASSWORD is missing"}},
		"empty":              {vars{"FAILOVER_1_TOKEN": "", "FAILOVER_1_PASSWORD": "p"}, []string{"FAILOVER_1_TOKEN is missing"}},
		"both":               {vars{"FAILOVER_1_TOKEN": "t", "FAILOVER_1_PASSWORD": "p"}, nil},
		"addresses, no user": {vars{"FAILOVER_1_ADDRESSES": "h:1", "FAILOVER_1_USERNAME": ""}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for key, value := range test.env {
				t.Setenv(key, value)
			}
			_, err := Load(needy)
			if (err == nil) != (test.want == nil) {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

func TestAFileThatIsNotOneIsRefused(t *testing.T) {
	home := t.TempDir()
	t.Setenv("FAILOVER_HOME", home)
	if err := os.Mkdir(filepath.Join(home, ".env"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(two); err == nil || !strings.Contains(err.Error(), filepath.Join(home, ".env")) || !strings.Contains(err.Error(), "make it a file") {
		t.Error(err)
	}
}

func TestWhatIsMissingIsNotSaidOfAFileThatCannotBeRead(t *testing.T) {
	before := two
	defer func() { two = before }()
	two = []Cluster{{Name: "a", DiscoveryURL: "https://d", Needs: []string{"TOKEN"}}}
	_, err := load(t, "FAILOVER_1_TOKEN='x", nil)
	if err == nil || !strings.Contains(err.Error(), ".env:1: ") || strings.Contains(err.Error(), "missing") {
		t.Error(err)
	}
}

func TestStoresAreInResourcesOfHome(t *testing.T) {
	there := resolve(t, t.TempDir())
	t.Chdir(there)
	for _, folder := range []string{".", "sub"} {
		if err := os.MkdirAll(filepath.Join(folder, "resources"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for home, want := range map[string]string{"": there, "sub": filepath.Join(there, "sub")} {
		t.Setenv("FAILOVER_HOME", home)
		s, err := Load(two)
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(want, "resources", "t2"); s.Clusters[1].Truststore != want {
			t.Errorf("truststore %s, want %s", s.Clusters[1].Truststore, want)
		}
	}
	if two[1].Truststore != "t2" {
		t.Error("what was compiled in has changed")
	}
}

func TestWhereNothingIsTheErrorNamesThePlaces(t *testing.T) {
	here := resolve(t, t.TempDir())
	t.Chdir(here)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	says := func(wants ...string) {
		t.Helper()
		_, err := Load(two)
		if err == nil {
			t.Fatal("it is taken")
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q does not say %q", err, want)
			}
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("several errors for one cause: %v", err)
		}
	}
	says("no .env and no resources/ in the current folder "+here+" or the program's folder "+filepath.Dir(program), "set FAILOVER_HOME")
	t.Setenv("FAILOVER_HOME", "/none/such")
	says("no .env and no resources/ in /none/such, the folder that FAILOVER_HOME names;")

	for n, store := range []string{"KEYSTORE", "TRUSTSTORE", "KEYSTORE", "TRUSTSTORE"} {
		t.Setenv(fmt.Sprintf("FAILOVER_%d_%s", 1+n/2, store), "/elsewhere/"+store)
	}
	if _, err := Load(two); err != nil {
		t.Errorf("nothing of the project's folder is needed: %v", err)
	}
}

// resolve gives the folder the name under which the system knows it.
func resolve(t *testing.T, folder string) string {
	t.Helper()
	folder, err := filepath.EvalSymlinks(folder)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// What a program that is started in a folder would read, another program reads
// there too. It is told of each setting that is missing.
func TestSettingsAreReadInAnotherFolder(t *testing.T) {
	folder, elsewhere := t.TempDir(), t.TempDir()
	t.Chdir(elsewhere)
	t.Setenv("FAILOVER_HOME", "")
	needy := []Cluster{{Name: "a", DiscoveryURL: "https://d", Keystore: "k", Needs: []string{"TOKEN"}}, {Name: "b", DiscoveryURL: "https://d", Needs: []string{"TOKEN"}}}
	_, err := LoadIn(folder, needy)
	if err == nil || !strings.Contains(err.Error(), "FAILOVER_1_TOKEN is missing") || !strings.Contains(err.Error(), "FAILOVER_2_TOKEN is missing") {
		t.Errorf("got %v, want both tokens named", err)
	}
	dotenv := "FAILOVER_1_TOKEN_FILE='token'\nFAILOVER_2_TOKEN='x'\nFAILOVER_2_TRUSTSTORE='stores/t'\nFAILOVER_2_KEYSTORE='/stores/k'\n"
	for name, text := range map[string]string{".env": dotenv, "token": "from file\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("FAILOVER_1_TRUSTSTORE", "t") // relative to where the user stands
	s, err := LoadIn(folder, needy)
	if err != nil {
		t.Fatal(err)
	}
	a, b := s.Clusters[0], s.Clusters[1]
	got := []string{a.Token, a.Keystore, a.Truststore, b.Keystore, b.Truststore}
	want := []string{"from file", filepath.Join(folder, "resources", "k"), "t", "/stores/k", filepath.Join(folder, "stores", "t")}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	t.Setenv("FAILOVER_HOME", elsewhere)
	if _, err := LoadIn(folder, needy); err == nil || !strings.Contains(err.Error(), "FAILOVER_2_TOKEN is missing") {
		t.Errorf("got %v: FAILOVER_HOME does not count", err)
	}
}

// The command that sets the pin reads the registry's settings where a project does.
func TestTheRegistryIsReadAlone(t *testing.T) {
	folder := t.TempDir()
	text := "FAILOVER_1_TOKEN='t'\nFAILOVER_PIN_REGISTRY='zk1'\nFAILOVER_REGISTRY_USER='u'\nFAILOVER_REGISTRY_PASSWORD='p'\nFAILOVER_REGISTRY_CA='ca.pem'\n"
	if err := os.WriteFile(filepath.Join(folder, ".env"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAILOVER_REGISTRY_PASSWORD", "other")
	r, err := ReadRegistry(folder)
	want := Registry{Addresses: []string{"zk1"}, User: "u", Password: "other", CA: filepath.Join(folder, "ca.pem")}
	if err != nil || !reflect.DeepEqual(r, want) {
		t.Errorf("%+v, %v; want %+v", r, err, want)
	}
	if r, err := ReadRegistry(t.TempDir()); err == nil || r.User != "" {
		t.Errorf("a password without a user: %+v, %v", r, err)
	}
}
