package settings

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

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
	if dotenv != "" {
		if err := os.WriteFile(filepath.Join(home, ".env"), []byte(dotenv), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for key, value := range env {
		t.Setenv(key, value)
	}
	return Load(home, two)
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
		"ledger":                        {"FAILOVER_LEDGER='l'", nil, func(s *Settings) any { return s.Ledger }, "l"},
		"writers":                       {"FAILOVER_WRITERS='3'", vars{"FAILOVER_WRITERS": "4"}, func(s *Settings) any { return s.Writers }, 4},
		"one writer":                    {"FAILOVER_WRITERS='3'", vars{"FAILOVER_WRITERS": ""}, func(s *Settings) any { return s.Writers }, 1},
		"quotes":                        {`FAILOVER_1_TOKEN='it'\''s $x "y" #'`, nil, func(s *Settings) any { return s.Clusters[0].Token }, `it's $x "y" #`},
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
		"misspelt":             {"# c\nFAILOVER_1_TOKNE='" + token + "'", nil, []string{".env:2: ", "FAILOVER_1_TOKNE", ".env.example"}},
		"misspelt program":     {"FAILOVER_WRITER='2'", nil, []string{".env:1: ", "FAILOVER_WRITER;"}},
		"home in .env":         {"FAILOVER_HOME='/x'", nil, []string{".env:1: ", "FAILOVER_HOME"}},
		"cluster 0":            {"FAILOVER_0_TOKEN='" + token + "'", nil, []string{"FAILOVER_0_TOKEN"}},
		"cluster 01":           {"FAILOVER_01_TOKEN='" + token + "'", nil, []string{"FAILOVER_01_TOKEN"}},
		"a file for no secret": {"FAILOVER_1_NAME_FILE='/x'", nil, []string{"FAILOVER_1_NAME_FILE"}},
		"twice":                {"FAILOVER_1_TOKEN='a'\nFAILOVER_1_TOKEN='" + token + "'", nil, []string{".env:2: ", "second time"}},
		"no quotes":            {"FAILOVER_1_TOKEN=" + token, nil, []string{".env:1: want KEY='value'"}},
		"one quote":            {"FAILOVER_1_TOKEN='", nil, []string{".env:1: want"}},
		"no value":             {token, nil, []string{".env:1: want"}},
		"export":               {"export FAILOVER_1_TOKEN='" + token + "'", nil, []string{".env:1: want"}},
		"byte order mark":      {"\ufeffFAILOVER_1_TOKEN='" + token + "'", nil, []string{".env:1: want"}},
		"value and file":       {"", vars{"FAILOVER_2_TOKEN": token, "FAILOVER_2_TOKEN_FILE": "/x"}, []string{"FAILOVER_2_TOKEN and FAILOVER_2_TOKEN_FILE"}},
		"no such file":         {"FAILOVER_1_PASSWORD_FILE='/none/such'", nil, []string{"FAILOVER_1_PASSWORD_FILE", "/none/such"}},
		"URL and addresses":    {"FAILOVER_1_DISCOVERY_URL='https://e'\nFAILOVER_1_ADDRESSES='h:1'", nil, []string{"FAILOVER_1_DISCOVERY_URL and FAILOVER_1_ADDRESSES"}},
		"no stores":            {"", vars{"FAILOVER_2_KEYSTORE": "", "FAILOVER_2_TRUSTSTORE": ""}, []string{"FAILOVER_2_TRUSTSTORE", "FAILOVER_2_KEYSTORE"}},
		"no truststore":        {"FAILOVER_1_TRUSTSTORE=''", nil, []string{"FAILOVER_1_TRUSTSTORE"}},
		"pinned to nothing":    {"FAILOVER_PIN='c'", nil, []string{`FAILOVER_PIN is "c"`, `"a" "b"`}},
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

func TestWhatIsLeftOfAClusterThatWentWarns(t *testing.T) {
	s, err := load(t, "FAILOVER_2_TOKEN='x'\nFAILOVER_3_TOKEN='y'\nFAILOVER_3_PASSWORD_FILE='/none'", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Warnings) != 2 || !strings.Contains(s.Warnings[0], ".env:2: FAILOVER_3_TOKEN") || !strings.Contains(s.Warnings[1], ".env:3: FAILOVER_3_PASSWORD_FILE") {
		t.Errorf("warnings %q", s.Warnings)
	}
}

func TestStoresAreInResourcesOfHome(t *testing.T) {
	t.Chdir(t.TempDir())
	there, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if exe, err := os.Executable(); err != nil || Home() != filepath.Dir(exe) {
		t.Errorf("home is %s where nothing is, want the folder of %s (%v)", Home(), exe, err)
	}
	if err := os.Mkdir("resources", 0o700); err != nil {
		t.Fatal(err)
	}
	if Home() != there {
		t.Errorf("home is %s in a folder with resources, want %s", Home(), there)
	}
	t.Setenv("FAILOVER_HOME", "sub")
	s, err := Load(Home(), two)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(there, "sub", "resources", "t2"); s.Clusters[1].Truststore != want {
		t.Errorf("truststore %s, want %s", s.Clusters[1].Truststore, want)
	}
	if two[1].Truststore != "t2" {
		t.Error("what was compiled in has changed")
	}
}
