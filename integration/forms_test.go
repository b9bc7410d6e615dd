//go:build unix

package integration

import (
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
	"kotlin/apply", "scala/app", "groovy/script", "kubernetes/mounted", "keystore/advanced",
	"declared/xml-5", "declared/yaml-5", "declared/yaml-addresses", "spring/boot-properties", "spring/boot-yaml", "spring/xml-client"}

// short are the forms that are drilled unless FAILOVER_LONG=1 asks for all: PEM files and
// stores.
var short = []string{"python/v4-keywords", "declared/yaml-5"}

// alone are the forms that hold stores and nothing else: the user gives the rest.
var alone = []string{"keystore/advanced"}

// made are the files that stand in for those of the cases, by the ends of their names.
var made = map[string]string{"ca.pem": "pr-1234.ca.pem", "cert.pem": "pr-1234.cert.pem", "key.pem": "pr-1234.key.pem", ".pfx": "pr-1234.keystore",
	"ca.crt": "pr-1234.ca.pem", "tls.crt": "pr-1234.cert.pem", "tls.key": "pr-1234.key.pem", ".keystore": "pr-1234.keystore", ".truststore": "pr-1234.truststore"}

// A project whose primary has a source of another form than Java, beside a Java bundle,
// passes a drill.
func TestAProjectOfEveryFormPassesADrill(t *testing.T) {
	bundles, err := sample.Make(1, pki.Quick)
	if err != nil {
		t.Fatal(err)
	}
	secondary := filepath.Join(t.TempDir(), bundles[0].FileName)
	write(t, secondary, string(bundles[0].Data))
	for _, form := range forms {
		if os.Getenv("FAILOVER_LONG") == "" && !slices.Contains(short, form) {
			continue
		}
		t.Run(form, func(t *testing.T) {
			archive, err := txtar.ParseFile(filepath.Join("../internal/bundle/testdata", form+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			primary, out := t.TempDir(), filepath.Join(t.TempDir(), "orders")
			for _, f := range archive.Files {
				text := strings.NewReplacer("CANARY-token", "token-of-pr-1001", "CANARY-key", "1a2b3c4d5e6", "CANARY-trust", "1a2b3c4d5e6").Replace(string(f.Data))
				for ending, store := range made {
					if strings.HasSuffix(f.Name, ending) {
						text = read(t, path.Join("../golden/testdata/stores", store))
					}
				}
				if f.Name != "want" {
					write(t, filepath.Join(primary, f.Name), text)
				}
			}
			args := []string{"generate", "--primary", primary, "--secondary", secondary, "--out", out}
			if slices.Contains(alone, form) {
				args = append(args, "--set", "1.name=pr-1001")
				for name, secret := range map[string]string{"TOKEN": "token-of-pr-1001", "KEYSTORE_PASSWORD": "1a2b3c4d5e6", "TRUSTSTORE_PASSWORD": "1a2b3c4d5e6"} {
					t.Setenv("FAILOVER_1_"+name, secret)
				}
			}
			command(t, args...)
			command(t, "check", out)
			if report := drillProject(t, out); len(report.Results) != 1 || !report.Results[0].Passed {
				t.Errorf("the drill says %+v", report.Results)
			}
		})
	}
}
