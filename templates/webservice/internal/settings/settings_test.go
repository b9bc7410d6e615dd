package settings

import (
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

var (
	inRegistry = Service{Addresses: []string{"zk:2181"}, Path: "demo/fo"}
	inList     = Service{Endpoints: []string{"http://a:1/Foo", "http://b:1/Foo"}}
)

type vars = map[string]string

// loadWith loads with that .env, "" for none, and variables of the environment.
func loadWith(t *testing.T, compiled Service, dotenv string, env vars) (*Settings, error) {
	t.Helper()
	home := t.TempDir()
	if dotenv != "" {
		if err := os.WriteFile(filepath.Join(home, ".env"), []byte(dotenv), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("FAILOVER_HOME", home)
	for key, value := range env {
		t.Setenv(key, value)
	}
	return read(compiled, findHome(), "")
}

func TestTheEnvironmentBeatsDotenvWhichBeatsWhatIsCompiledIn(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(" from file \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	withUser := inRegistry
	withUser.User = "fabric"
	tests := map[string]struct {
		compiled Service
		dotenv   string
		env      vars
		get      func(*Settings) any
		want     any
	}{
		"compiled":                 {inRegistry, "", nil, func(s *Settings) any { return s.Path }, "demo/fo"},
		".env":                     {inRegistry, "FAILOVER_REGISTRY_PATH=x", nil, func(s *Settings) any { return s.Path }, "x"},
		"environment":              {inRegistry, "FAILOVER_REGISTRY_PATH=x", vars{"FAILOVER_REGISTRY_PATH": "y"}, func(s *Settings) any { return s.Path }, "y"},
		"a password":               {withUser, "FAILOVER_REGISTRY_PASSWORD='it'\\''s $x'", nil, func(s *Settings) any { return s.Password }, "it's $x"},
		"a password in a file":     {withUser, "FAILOVER_REGISTRY_PASSWORD=x", vars{"FAILOVER_REGISTRY_PASSWORD_FILE": secret}, func(s *Settings) any { return s.Password }, " from file "},
		"no user":                  {withUser, "", vars{"FAILOVER_REGISTRY_USER": ""}, func(s *Settings) any { return s.User }, ""},
		"other registries":         {inRegistry, "", vars{"FAILOVER_REGISTRY_ADDRESSES": "a:1, b:2"}, func(s *Settings) any { return s.Addresses }, []string{"a:1", "b:2"}},
		"a list beats a registry":  {withUser, "", vars{"FAILOVER_ENDPOINTS": "http://c/,https://d/"}, func(s *Settings) any { return s.Endpoints }, []string{"http://c/", "https://d/"}},
		"a registry beats a list":  {inList, "FAILOVER_REGISTRY_PATH=demo/fo", vars{"FAILOVER_REGISTRY_ADDRESSES": "a:1"}, func(s *Settings) any { return len(s.Endpoints) }, 0},
		"and one in .env":          {inRegistry, "FAILOVER_ENDPOINTS=http://c/", vars{"FAILOVER_REGISTRY_ADDRESSES": "a:1"}, func(s *Settings) any { return len(s.Endpoints) }, 0},
		"no list, so the registry": {inRegistry, "FAILOVER_ENDPOINTS=http://c/", vars{"FAILOVER_ENDPOINTS": ""}, func(s *Settings) any { return len(s.Endpoints) }, 0},
		"no TLS":                   {inRegistry, "", nil, func(s *Settings) any { return s.TLS }, false},
		"a CA switches TLS on":     {inRegistry, "", vars{"FAILOVER_REGISTRY_CA": "/ca.pem"}, func(s *Settings) any { return s.TLS }, true},
		"a certificate too":        {inRegistry, "", vars{"FAILOVER_REGISTRY_CERT": "/c.pem", "FAILOVER_REGISTRY_KEY": "/k.pem"}, func(s *Settings) any { return s.TLS }, true},
		"ledger":                   {inList, "FAILOVER_LEDGER=l", nil, func(s *Settings) any { return s.Ledger }, "l"},
		"callers":                  {inList, "FAILOVER_WRITERS=3", vars{"FAILOVER_WRITERS": "4"}, func(s *Settings) any { return s.Callers }, 4},
		"one caller":               {inList, "FAILOVER_WRITERS=3", vars{"FAILOVER_WRITERS": ""}, func(s *Settings) any { return s.Callers }, 1},
		"of other programs":        {inList, "A=1\nA=2", nil, func(s *Settings) any { return len(s.Warnings) }, 0},
		"misspelt in the environment": {inList, "", vars{"FAILOVER_ENDPOINT": "x"}, func(s *Settings) any { return s.Warnings },
			[]string{"FAILOVER_ENDPOINT in the environment is ignored: there is no such setting; did you mean FAILOVER_ENDPOINTS?"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := loadWith(t, test.compiled, test.dotenv, test.env)
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
	const password = "very-secret"
	tests := map[string]struct {
		compiled Service
		dotenv   string
		env      vars
		want     []string
	}{
		"misspelt":            {inRegistry, "# c\nFAILOVER_REGISTRY_PASWORD=" + password, nil, []string{".env:2: FAILOVER_REGISTRY_PASWORD: there is no such setting; did you mean FAILOVER_REGISTRY_PASSWORD?"}},
		"near nothing":        {inRegistry, "FAILOVER_SECRET=" + password, nil, []string{".env:1: FAILOVER_SECRET: there is no such setting; .env.example"}},
		"home in .env":        {inRegistry, "FAILOVER_HOME=/x", nil, []string{".env:1: FAILOVER_HOME: ", "where they can stand"}},
		"twice":               {inRegistry, "FAILOVER_LEDGER=a\nFAILOVER_LEDGER=b", nil, []string{".env:2: FAILOVER_LEDGER stands here a second time"}},
		"not a setting":       {inRegistry, password, nil, []string{".env:1: this line is not a setting"}},
		"both ways":           {inRegistry, "", vars{"FAILOVER_ENDPOINTS": "http://c/", "FAILOVER_REGISTRY_ADDRESSES": "a:1"}, []string{"FAILOVER_ENDPOINTS and FAILOVER_REGISTRY_ADDRESSES are both set; keep one"}},
		"both passwords":      {inRegistry, "", vars{"FAILOVER_REGISTRY_PASSWORD": password, "FAILOVER_REGISTRY_PASSWORD_FILE": "/x"}, []string{"are both set"}},
		"no file":             {inRegistry, "FAILOVER_REGISTRY_PASSWORD_FILE=/none/such", nil, []string{"FAILOVER_REGISTRY_PASSWORD_FILE: ", "/none/such"}},
		"a password alone":    {inRegistry, "FAILOVER_REGISTRY_PASSWORD=" + password, nil, []string{"FAILOVER_REGISTRY_USER is not"}},
		"a user alone":        {inRegistry, "FAILOVER_REGISTRY_USER=u", nil, []string{"FAILOVER_REGISTRY_PASSWORD is missing", "user u", ".env"}},
		"a certificate alone": {inRegistry, "FAILOVER_REGISTRY_CERT=c.pem", nil, []string{"FAILOVER_REGISTRY_CERT and FAILOVER_REGISTRY_KEY go together"}},
		"no place":            {Service{}, "", nil, []string{"FAILOVER_ENDPOINTS", "FAILOVER_REGISTRY_ADDRESSES"}},
		"no path":             {inList, "FAILOVER_REGISTRY_ADDRESSES=a:1", nil, []string{"FAILOVER_REGISTRY_PATH is missing"}},
		"an endpoint":         {inList, "FAILOVER_ENDPOINTS=u:" + password + "@b/Foo,http://c/", nil, []string{`the endpoint "b/Foo" is not a URL`}},
		"no caller":           {inList, "FAILOVER_WRITERS=0", nil, []string{`FAILOVER_WRITERS is "0"`}},
		"everything at once":  {inRegistry, "FAILOVER_WRITERS=x\nFAILOVER_REGISTRY_USER=u", nil, []string{"FAILOVER_WRITERS", "FAILOVER_REGISTRY_PASSWORD"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := loadWith(t, test.compiled, test.dotenv, test.env)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), password) {
				t.Errorf("%q shows a value", err)
			}
		})
	}
}

// failover-gen reads the settings of a project in another folder.
func TestSettingsOfAnotherFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{".env": "FAILOVER_REGISTRY_CA=ca.pem\nFAILOVER_REGISTRY_USER=u\nFAILOVER_REGISTRY_PASSWORD_FILE=secret", "secret": "s"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := LoadIn(dir, inRegistry); err != nil || s.CA != filepath.Join(dir, "ca.pem") || s.Password != "s" {
		t.Errorf("%+v %v", s, err)
	}
}

// Without FAILOVER_HOME, .env is looked for in the current folder.
func TestDotenvOfTheCurrentFolderIsRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ".env"), []byte("FAILOVER_WRITERS=7"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	if s, err := read(inList, findHome(), ""); err != nil || s.Callers != 7 {
		t.Errorf("%+v %v", s, err)
	}
}
