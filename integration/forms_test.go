//go:build unix

package integration

import (
	"encoding/base64"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/sample"
)

// forms has for each form of source but Java one of the cases of package bundle.
var forms = []string{"clc/yaml", "cpp/v4", "dotnet/v5", "go/v1", "node/v4", "python/v4-keywords",
	"kotlin/apply", "scala/app", "groovy/script", "kubernetes/mounted", "kubernetes/stores", "keystore/advanced",
	"declared/xml-5", "declared/yaml-5", "declared/yaml-addresses", "spring/boot-properties", "spring/boot-yaml", "spring/xml-client"}

// short are the forms that are drilled unless FAILOVER_LONG=1 asks for all: PEM files,
// stores, a list.
var short = []string{"python/v4-keywords", "declared/yaml-5", "declared/yaml-failover"}

// alone are the forms that hold stores and nothing else: the user gives the rest.
var alone = []string{"keystore/advanced"}

// made are the files that stand in for those of the cases, by the ends of their names.
var made = map[string]string{"ca.pem": "pr-1234.ca.pem", "cert.pem": "pr-1234.cert.pem", "key.pem": "pr-1234.key.pem", ".pfx": "pr-1234.keystore",
	"ca.crt": "pr-1234.ca.pem", "tls.crt": "pr-1234.cert.pem", "tls.key": "pr-1234.key.pem", ".keystore": "pr-1234.keystore", ".truststore": "pr-1234.truststore"}

// lists are cases of one source that holds all clusters in their order.
var lists = []string{"declared/yaml-failover", "declared/xml-failover", "spring/xml-failover"}

// A project whose primary has a source of another form than Java, beside a Java bundle,
// passes a drill.
func TestAProjectOfEveryFormPassesADrill(t *testing.T) {
	bundles, err := sample.Make(1, pki.Quick)
	if err != nil {
		t.Fatal(err)
	}
	secondary := filepath.Join(t.TempDir(), bundles[0].FileName)
	write(t, secondary, string(bundles[0].Data))
	for _, form := range asked(forms) {
		t.Run(form, func(t *testing.T) {
			args := []string{"--primary", unpack(t, form), "--secondary", secondary}
			if slices.Contains(alone, form) {
				args = append(args, "--set", "1.name=pr-1001")
				for name, secret := range map[string]string{"TOKEN": "token-of-pr-1001", "KEYSTORE_PASSWORD": storePassword, "TRUSTSTORE_PASSWORD": storePassword} {
					t.Setenv("FAILOVER_1_"+name, secret)
				}
			}
			passesADrill(t, args...)
		})
	}
}

// So does one whose clusters all stand in one source.
func TestAProjectOfEveryFormOfListPassesADrill(t *testing.T) {
	for _, form := range asked(lists) {
		t.Run(form, func(t *testing.T) {
			passesADrill(t, "--from", unpack(t, form))
		})
	}
}

// asked are all of the forms where FAILOVER_LONG=1 asks for them.
func asked(forms []string) []string {
	if os.Getenv("FAILOVER_LONG") != "" {
		return forms
	}
	return slices.DeleteFunc(slices.Clone(forms), func(form string) bool { return !slices.Contains(short, form) })
}

// storePassword opens the stores in made.
const storePassword = "1a2b3c4d5e6"

// unpack writes the files of a case into a folder, with stores that are real.
func unpack(t *testing.T, form string) string {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("../internal/bundle/testdata", form+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	store := func(name string) string { return read(t, path.Join("../golden/testdata/stores", name)) }
	coded := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	filled := strings.NewReplacer("CANARY-token", "token-of-pr-1001", "CANARY-key", storePassword, "CANARY-trust", storePassword,
		coded("keys"), coded(store("pr-1234.keystore")), coded("trust"), coded(store("pr-1234.truststore")),
		coded("CANARY-keys\n"), coded(storePassword), coded("CANARY-trust"), coded(storePassword), coded("CANARY-token"), coded("token-of-pr-1001"))
	dir := t.TempDir()
	for _, f := range archive.Files {
		text := filled.Replace(string(f.Data))
		for ending, name := range made {
			if strings.HasSuffix(f.Name, ending) {
				text = store(name)
			}
		}
		if f.Name != "want" {
			write(t, filepath.Join(dir, f.Name), text)
		}
	}
	return dir
}

// passesADrill generates a project and drills it.
func passesADrill(t *testing.T, args ...string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "orders")
	command(t, append([]string{"generate", "--out", out}, args...)...)
	command(t, "check", out)
	if report := drillProject(t, out); len(report.Results) != 1 || !report.Results[0].Passed {
		t.Errorf("the drill says %+v", report.Results)
	}
}
