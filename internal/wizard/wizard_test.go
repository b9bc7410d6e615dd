package wizard

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/spec"
)

const storePassword = "secret-of-the-stores"

// writeBundle writes the folder of a bundle, with stores that open quickly.
func writeBundle(t *testing.T, folder, cluster, password string) {
	t.Helper()
	pair, err := pki.Issue(nil, pki.EC, pki.Authority(cluster))
	if err != nil {
		t.Fatal(err)
	}
	key, err := pki.Quick.Keystore("", storePassword, pair)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := pki.Quick.Truststore(storePassword, pair.Cert)
	if err != nil {
		t.Fatal(err)
	}
	source := `class ClientWithSsl { void main() {
	Properties p = new Properties();
	p.setProperty("javax.net.ssl.keyStore", "client.keystore");
	p.setProperty("javax.net.ssl.keyStorePassword", "` + password + `");
	p.setProperty("javax.net.ssl.trustStore", "client.truststore");
	p.setProperty("javax.net.ssl.trustStorePassword", "` + password + `");
	ClientConfig config = new ClientConfig();
	config.getNetworkConfig().setSSLConfig(new SSLConfig().setEnabled(true).setProperties(p));
	config.getNetworkConfig().getCloudConfig().setDiscoveryToken("token-of-` + cluster + `").setEnabled(true);
	config.setProperty("hazelcast.client.cloud.url", "https://api.example.com");
	config.setClusterName("` + cluster + `");
	HazelcastClient.newHazelcastClient(config);
} }`
	for name, data := range map[string][]byte{
		"pom.xml": []byte("<project/>"), "src/main/java/ClientWithSsl.java": []byte(source),
		"src/main/resources/client.keystore": key, "src/main/resources/client.truststore": trust,
	} {
		name = filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// newWizard works in a folder with the bundles a, b and c, of which c lacks its
// passwords. What it says comes to said.
func newWizard(t *testing.T, answers ...answer) (w *Wizard, said *strings.Builder) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, password := range map[string]string{"a": storePassword, "b": storePassword, "c": "YOUR_SSL_PASSWORD"} {
		writeBundle(t, name, "pr-"+name, password)
	}
	said = new(strings.Builder)
	return &Wizard{
		Prompter: newFake(t, answers...), Say: func(line string) { said.WriteString(line + "\n") }, Width: 80, Now: time.Now(),
		PasswordsOf: func(int) (bundle.Passwords, error) { return bundle.Passwords{}, nil },
	}, said
}

// rest are the questions after the bundles, answered by Enter.
var rest = []answer{{question: "Module path"}, {question: "Standby"}, {question: "Failback"}, {question: "Secrets"}, {question: "Output folder"}}

func TestEnterAloneMakesAProject(t *testing.T) {
	w, said := newWizard(t, append([]answer{{question: "Primary bundle"}, {question: "Secondary bundle"}, {question: "Another secondary?"}}, rest...)...)
	if err := w.Ask(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := Answers{Bundles: []string{"a", "b"}, Layout: "project", Module: "example.com/failover-client", Standby: "warm", Failback: "never", Secrets: "dotenv", Out: "failover-client",
		Passwords: make([]bundle.Passwords, 2)}
	if !reflect.DeepEqual(w.Answers, want) {
		t.Errorf("got  %+v\nwant %+v", w.Answers, want)
	}
	for _, line := range []string{"  cluster    pr-a\n", "  discovery  https://api.example.com, token present\n", "  key        EC-256, ", " days left\n", "  trusts     EC-256, "} {
		if !strings.Contains(said.String(), line) {
			t.Errorf("%q is not said:\n%s", line, said)
		}
	}
}

func TestWhatIsGivenIsNotAsked(t *testing.T) {
	for flag, asked := range map[string]string{"--module": "Module path", "--standby": "Standby", "--failback": "Failback", "--secrets": "Secrets", "--out": "Output folder"} {
		t.Run(flag, func(t *testing.T) {
			answers := []answer{{question: "Primary bundle"}, {question: "Secondary bundle"}, {question: "Another secondary?"}}
			answers = append(answers, slices.DeleteFunc(slices.Clone(rest), func(a answer) bool { return a.question == asked })...)
			w, _ := newWizard(t, answers...)
			w.Given = []string{flag}
			w.Answers = Answers{Module: "example.com/x", Standby: "cold", Failback: "auto", Secrets: "none", Out: "x"}
			if err := w.Ask(context.Background()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestBundlesThatAreGivenAreNotAsked(t *testing.T) {
	for name, c := range map[string]struct {
		given, bundles []string
		answers        []answer
		want           []string
	}{
		"both":            {[]string{"--primary", "--secondary"}, []string{"b", "a"}, nil, []string{"b", "a"}},
		"the primary":     {[]string{"--primary"}, []string{"b"}, []answer{{question: "Secondary bundle"}, {question: "Another secondary?"}}, []string{"b", "a"}},
		"the secondary":   {[]string{"--secondary"}, []string{"b"}, []answer{{question: "Primary bundle"}}, []string{"a", "b"}},
		"two secondaries": {[]string{"--secondary"}, []string{"b", "d"}, []answer{{question: "Primary bundle"}}, []string{"a", "b", "d"}},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := newWizard(t, append(c.answers, rest...)...)
			writeBundle(t, "d", "pr-d", storePassword)
			w.Given, w.Answers.Bundles = c.given, c.bundles
			if err := w.Ask(context.Background()); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(w.Answers.Bundles, c.want) {
				t.Errorf("got %q, want %q", w.Answers.Bundles, c.want)
			}
		})
	}
}

func TestAPasswordThatIsLackingIsAskedFor(t *testing.T) {
	w, said := newWizard(t, append([]answer{{question: "Primary bundle"},
		{question: "Secondary bundle", text: "c"}, {question: "Password of the keystore", text: ""}, // rather another bundle
		{question: "Secondary bundle", text: "c"}, {question: "Password of the keystore", text: "wrong"}, {question: "Password of client.keystore", text: storePassword},
		{question: "Another secondary?"}}, rest...)...)
	if err := w.Ask(context.Background()); err != nil {
		t.Fatal(err)
	}
	p := w.Answers.Passwords[1]
	if p.Keystore.Reveal() != storePassword || p.Truststore.Reveal() != storePassword || p.Key.Present() {
		t.Errorf("keystore %v, truststore %v, key %v", p.Keystore, p.Truststore, p.Key)
	}
	if strings.Contains(said.String(), storePassword) || !strings.Contains(said.String(), "YOUR_SSL_PASSWORD is not filled in") || !strings.Contains(said.String(), "(password from your") {
		t.Errorf("said:\n%s", said)
	}
}

func TestAWrongAnswerIsExplainedAndAskedAgain(t *testing.T) {
	w, said := newWizard(t,
		answer{question: "Primary bundle", text: anotherPath}, answer{question: "Path of the primary bundle", text: "nowhere"},
		answer{question: "Primary bundle", text: "pr-b"},
		answer{question: "Secondary bundle", text: anotherPath}, answer{question: "Path of the secondary bundle", text: "b"},
		answer{question: "Secondary bundle", text: "pr-a"}, answer{question: "Another secondary?"},
		answer{question: "Module path", text: "net/http"}, answer{question: "Module path", text: "example.com/x"},
		answer{question: "Standby"}, answer{question: "Failback"}, answer{question: "Secrets"},
		answer{question: "Output folder", text: "full"}, answer{question: "Output folder", text: "a/inside"}, answer{question: "Output folder", text: "a/pom.xml"}, answer{question: "Output folder"})
	if err := os.Mkdir("full", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("full/notes", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Ask(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := w.Answers; got.Module != "example.com/x" || got.Out != "x" || !slices.Equal(got.Bundles, []string{"b", "a"}) {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{"not usable  nowhere: ", "clusters 1 and 2 are the", "would hide packages of", "full: holds something else", "a/inside: lies inside the", "a/pom.xml: "} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is not said:\n%s", want, said)
		}
	}
}

func TestLeavingEndsTheWizard(t *testing.T) {
	all := append([]answer{{question: "Primary bundle"}, {question: "Secondary bundle", text: "c"}, {question: "Password of the keystore", text: storePassword}, {question: "Another secondary?"}}, rest...)
	for i := range all {
		answers := slices.Clone(all[:i+1])
		answers[i].err = ErrLeft
		w, _ := newWizard(t, answers...)
		if err := w.Ask(context.Background()); !errors.Is(err, ErrLeft) {
			t.Errorf("%s: %v", all[i].question, err)
		}
	}
}

func TestTheAnswersOfAProjectAreTheDefaults(t *testing.T) {
	w, _ := newWizard(t, append([]answer{{question: "Primary bundle"}, {question: "Secondary bundle"}, {question: "Another secondary?"}}, rest[:4]...)...)
	s := spec.Default()
	s.Module, s.Failover.Standby, s.Failover.Failback, s.Secrets = "example.com/mine", "cold", "auto", "none"
	s.Clusters = []spec.Cluster{{Bundle: "../b"}, {Bundle: "../a"}}
	w.Existing, w.Located, w.Given, w.Answers.Out = &s, []string{"b", "a"}, []string{"--out"}, "mine"
	if err := w.Ask(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := w.Answers; !slices.Equal(got.Bundles, []string{"b", "a"}) || got.Module != s.Module || got.Standby != "cold" || got.Failback != "auto" || got.Secrets != "none" {
		t.Errorf("%+v", got)
	}
}

// The fake must notice what it is for.
func TestTheFakeFailsOnUnexpectedAndUnusedQuestions(t *testing.T) {
	inner := new(testing.T)
	f := &fake{t: inner, answers: []answer{{question: "A"}}}
	if _, err := f.Confirm("B", true); err == nil || !inner.Failed() {
		t.Error("an unexpected question is answered")
	}
	inner = new(testing.T)
	f = &fake{t: inner, answers: []answer{{question: "A"}}}
	if f.allUsed(); !inner.Failed() {
		t.Error("an unused answer is not noticed")
	}
}

// The password of a PEM key is asked for like that of a keystore, and the files are shown.
func TestThePasswordOfAPEMKeyIsAskedFor(t *testing.T) {
	files := map[string][]byte{"config.yaml": []byte("cluster:\n  name: pr-pem\n  address: a\n  cloud-id: x\nssl: {enabled: true, ca-path: ca.pem, cert-path: cert.pem, key-path: key.pem}\n")}
	for _, name := range []string{"ca.pem", "cert.pem", "key.pem"} {
		data, err := os.ReadFile("../../golden/testdata/stores/pr-1234." + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = data
	}
	w, said := newWizard(t, append([]answer{{question: "Primary bundle", text: "d"}, {question: "Password of the key", text: "wrong"}, {question: "Password of key.pem", text: "1a2b3c4d5e6"},
		{question: "Secondary bundle"}, {question: "Another secondary?"}}, rest...)...)
	if err := os.Mkdir("d", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join("d", name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Ask(context.Background()); err != nil {
		t.Fatal(err)
	}
	p := w.Answers.Passwords[0]
	if p.Key.Reveal() != "1a2b3c4d5e6" || p.Keystore.Present() || p.Truststore.Present() {
		t.Errorf("keystore %v, truststore %v, key %v", p.Keystore, p.Truststore, p.Key)
	}
	for _, want := range []string{"RSA-2048, cert.pem, ", "RSA-2048, ca.pem, ", "config.yaml:4:13: cluster.cloud-id"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("said:\n%s\nwant %q", said, want)
		}
	}
	if strings.Contains(said.String(), "1a2b3c4d5e6") {
		t.Errorf("a password is shown:\n%s", said)
	}
}
