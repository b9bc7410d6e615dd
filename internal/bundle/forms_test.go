package bundle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// given are the passwords that the tests have for stores whose folder has none.
var given = Overrides{Passwords: []Passwords{{
	Keystore: NewSecret("CANARY-given", fault.In("FAILOVER_1_KEYSTORE_PASSWORD")), Truststore: NewSecret("CANARY-given", fault.In("FAILOVER_1_TRUSTSTORE_PASSWORD")),
	Token: NewSecret("CANARY-token", fault.In("FAILOVER_1_TOKEN")),
}}}

// kubernetesPage is what docs/spellings.md says of Secrets and of folders of stores.
var kubernetesPage = formPage{
	dirs: []string{"kubernetes", "keystore"}, errors: "kubernetes-errors",
	read: `
# The Kubernetes Secrets and the folders of stores that are read

A bundle may be the manifest of a Secret (YAML or JSON, several documents, a List), a folder of manifests, or the folder in which a
Secret is mounted. All manifests together are one cluster. These keys are known, in any case; the words of a key may be divided by
hyphens, underscores or points, and HAZELCAST or HZ may stand before them:

| value | keys |
|---|---|
| PEM files | tls.crt, tls.key, ca.crt; also cert.pem, key.pem, ca.pem, client.crt, client.key, client.pem, ca-bundle.crt |
| keystore | keystore.jks, keystore.p12, keystore.pfx, keystore, client.keystore, client.jks, client.p12, client.pfx |
| truststore | truststore.jks, truststore.p12, truststore.pfx, truststore, client.truststore |
| passwords | keystore-password, key-password, truststore-password; password, store-password or ssl-password for both stores, but password beside a username is that of the user |
| cluster | cluster-name, discovery-token, cloud-token, discovery-url, cloud-url, addresses, cluster-addresses, server-name, username; beside a store or a cluster's name also name, token, url, address, members, user |

PEM files need no password, so they win over stores beside them. A folder with stores and nothing else, such as the console's
"Advanced" download, says nothing of its cluster. What is missing is given by the user: values by ` + "`--set 1.name=`" + `, secrets in
the variables FAILOVER_1_TOKEN, FAILOVER_1_KEYSTORE_PASSWORD and FAILOVER_1_TRUSTSTORE_PASSWORD.

## Read

| what is there | read as |
|---|---|
`,
	refused: `
## Refused

| what is there | what is said |
|---|---|
`}

// jvmPage is the same of other languages of the Java machine.
var jvmPage = formPage{
	dirs: []string{"kotlin", "scala", "groovy"}, errors: "jvm-errors",
	read: `
# The Kotlin, Scala and Groovy sources that are read

Sources in these languages are read as Java is: the same calls, properties in place of setters, and blocks such as apply. Texts
with variables in them, arguments by name, and what depends on a condition are refused. Scala is read with braces, not by indentation.

## Read

| spelling | read as |
|---|---|
`,
	refused: kubernetesPage.refused}

// TestForms reads every case of a form from a directory, a .zip, a .tar.gz and, where
// there is one file, by itself.
func TestForms(t *testing.T) {
	for dir, o := range map[string]Overrides{"kubernetes": {}, "keystore": given, "kotlin": {}, "scala": {}, "groovy": {}} {
		for _, c := range corpus.Load(t, "testdata/"+dir) {
			t.Run(dir+"/"+c.Name, func(t *testing.T) {
				folder := corpus.Dir(t, c.Files)
				b, err := ReadWith(folder, o)
				if err != nil {
					t.Fatal(err)
				}
				if b.Form != dir {
					t.Errorf("form %s", b.Form)
				}
				got := describe(b)
				if *update {
					c.Record(t, got)
					return
				}
				if got != c.Want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.Title, got, c.Want)
				}
				containers := map[string]string{
					"folder": corpus.Dir(t, corpus.In("top/", c.Files)), "zip": corpus.File(t, corpus.Zip(t, corpus.In("top/", c.Files))),
					"tar.gz": corpus.File(t, corpus.Tar(t, nil, c.Files)),
				}
				if len(c.Files) == 1 {
					containers["source"] = filepath.Join(folder, c.Files[0].Name)
				}
				for kind, path := range containers {
					b, err := ReadWith(path, o)
					if err != nil {
						t.Errorf("%s: %v", kind, err)
						continue
					}
					if kind == "source" {
						b.Path = folder
					}
					if got := describe(b); got != c.Want {
						t.Errorf("%s\ngot:\n%s\nwant:\n%s", kind, got, c.Want)
					}
				}
			})
		}
	}
}

// TestFormErrors wants every fault of what is refused, word for word.
func TestFormErrors(t *testing.T) {
	cases := append(corpus.Load(t, "testdata/kubernetes-errors"), corpus.Load(t, "testdata/jvm-errors")...)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
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

// A mounted volume has its files behind two links, ..data and the file's own.
func TestMountedVolume(t *testing.T) {
	for _, c := range corpus.Load(t, "testdata/kubernetes") {
		if !strings.HasPrefix(c.Name, "mounted") {
			continue
		}
		version := "..2026_11_26_01_50_49.1/"
		dir := corpus.Dir(t, corpus.In(version, c.Files))
		for link, to := range linksOf(c.Files, version) {
			if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
				t.Fatal(err)
			}
		}
		b, err := Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := describe(b); got != c.Want {
			t.Errorf("got:\n%s\nwant:\n%s", got, c.Want)
		}
		// A link that leads out of the folder is not followed.
		outside := corpus.File(t, []byte("outside"))
		if err := os.Symlink(outside, filepath.Join(dir, "key.pem")); err != nil {
			t.Fatal(err)
		}
		if b, err := Read(dir); err != nil || describe(b) != c.Want {
			t.Errorf("beside a link that leads out: %v", err)
		}
	}
}

func linksOf(files []txtar.File, version string) map[string]string {
	links := map[string]string{"..data": strings.TrimSuffix(version, "/")}
	for _, f := range files {
		links[f.Name] = "..data/" + f.Name
	}
	return links
}

// Beside a client's source, manifests and stores change nothing.
func TestManifestsBesideASource(t *testing.T) {
	more := append([]txtar.File{{Name: "tls.crt", Data: []byte("x")}, {Name: "tls.key", Data: []byte("y")}}, corpus.In("deploy/", corpus.Load(t, "testdata/kubernetes")[0].Files)...)
	good := corpus.Good(t, "testdata/spellings")
	want, err := Read(corpus.Dir(t, good))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Read(corpus.Dir(t, append(more, good...)))
	if err != nil || describe(b) != describe(want) {
		t.Errorf("%+v, %v", b, err)
	}
}
