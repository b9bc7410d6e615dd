package templates

import (
	"go/format"
	"regexp"
	"strings"
	"testing"
	"time"
)

// plain is what the templates see of a project: one cluster with stores and every
// secret, and one without TLS.
func plain() any {
	type cluster struct {
		Name, DiscoveryURL, ServerName, Alias, Username string
		Addresses                                       []string
		Keystore, Truststore, CA, Cert, Key             string
		SystemRoots                                     bool
		Token, KeyPassword, Password                    bool
	}
	type failover struct {
		Standby, Failback                                                               string
		FailbackAfter, OpTimeout, Silence, Confirm, ConnectTimeout, RetryTime, RetryMax time.Duration
	}
	return struct {
		Module, Folder, Map string
		Package             string
		PEM, Registry       bool
		Clusters            []cluster
		Failover            failover
	}{"example.com/orders", "orders", "map", "main", false, false, []cluster{
		{Name: "a", DiscoveryURL: "https://d", ServerName: "s", Username: "u", Keystore: "client.keystore", Truststore: "client.truststore", Token: true, Password: true},
		{Name: "b", Addresses: []string{"h:1"}},
	}, failover{Standby: "warm", Failback: "never"}}
}

func TestAClusterWithoutStoresAndSecretsNamesNone(t *testing.T) {
	source, err := Render("hazelcast", "clusters.go", plain())
	if err == nil {
		source, err = format.Source(source)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(source), "[]settings.Cluster{\n")
	list, _, _ = strings.Cut(list, "\n}\n")
	want := `	{
		Name:         "a",
		DiscoveryURL: "https://d",
		ServerName:   "s",
		Username:     "u",
		Keystore:     "client.keystore",
		Truststore:   "client.truststore",
		Needs:        []string{"TOKEN", "PASSWORD"},
	},
	{
		Name:      "b",
		Addresses: []string{"h:1"},
	},`
	if list != want {
		t.Errorf("clusters.go lists\n%s\nwant\n%s", list, want)
	}
}

func TestTheExampleOfDotenvAsksForWhatAClusterHas(t *testing.T) {
	example, err := Render("hazelcast", "env.example", plain())
	if err != nil {
		t.Fatal(err)
	}
	asked := strings.Join(regexp.MustCompile(`(?m)^FAILOVER_\w+`).FindAllString(string(example), -1), " ")
	if want := "FAILOVER_1_TOKEN FAILOVER_1_KEYSTORE_PASSWORD FAILOVER_1_TRUSTSTORE_PASSWORD FAILOVER_1_PASSWORD"; asked != want {
		t.Errorf("it asks for %s, want %s", asked, want)
	}
}

func TestEverySharedPackageIsAmongTheSources(t *testing.T) {
	tests := map[string]string{"hazelcast": "writeloop_test.go", "webservice": "calls_test.go"}
	renderings := map[string][]string{"hazelcast": {"clusters"}, "webservice": {"service", "internal/settings/compiled"}}
	for kind, test := range tests {
		t.Run(kind, func(t *testing.T) {
			have := make(map[string]bool)
			for _, s := range Sources(kind, Choice{}) {
				have[strings.TrimSuffix(s.Path, ".go")] = true
				if strings.HasSuffix(s.Path, "_test.go") && s.Path != test {
					t.Errorf("%s is a test of ours", s.Path)
				}
			}
			for _, name := range Shared {
				if !have["internal/"+name+"/"+name] {
					t.Errorf("internal/%s is missing", name)
				}
			}
			for _, name := range renderings[kind] {
				if _, isTemplate := Templates(kind, Choice{})[name+".go"]; have[name] || !isTemplate {
					t.Errorf("the sample's %s.go is copied, although a template makes it", name)
				}
			}
			if withStores := kind == "hazelcast"; have["internal/keystore/keystore"] != withStores {
				t.Errorf("a reader of keystores is there: %v", !withStores)
			}
		})
	}
}

func TestLabelsAreNamesThatKubernetesTakes(t *testing.T) {
	for name, want := range map[string]string{
		"orders": "orders", "My_Orders.v2": "my-orders-v2", "-x~": "x", "7": "7", "_": "app",
		strings.Repeat("a", 39) + "_b": strings.Repeat("a", 39),
	} {
		if got := label(name); got != want {
			t.Errorf("%s gives %s, want %s", name, got, want)
		}
	}
}

// The program around a package decides how it is deployed.
func TestPackagesHaveNoDockerfile(t *testing.T) {
	for _, name := range []string{"Dockerfile", ".dockerignore"} {
		if _, ok := Templates("hazelcast", Choice{})[name]; !ok {
			t.Errorf("projects have no %s", name)
		}
		if _, ok := PackageTemplates("hazelcast", Choice{})[name]; ok {
			t.Errorf("packages have a %s", name)
		}
	}
}
