package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// corpus is where package keystore has its stores. They do not change, and so
// neither do their days left on the tests' clock.
const corpus = "../../keystore/testdata"

const corpusPassword = "storepass1"

// corpusBundle puts a bundle with stores of the corpus into a folder of dir.
func corpusBundle(t *testing.T, dir, cluster, key, trust string) {
	t.Helper()
	const source = `class Client {
    public static void main(String[] args) {
        Properties props = new Properties();
        props.setProperty("javax.net.ssl.keyStore", "client.keystore");
        props.setProperty("javax.net.ssl.keyStorePassword", "PASSWORD");
        props.setProperty("javax.net.ssl.trustStore", "client.truststore");
        props.setProperty("javax.net.ssl.trustStorePassword", "PASSWORD");
        ClientConfig config = new ClientConfig();
        config.getNetworkConfig().setSSLConfig(new SSLConfig().setEnabled(true).setProperties(props));
        config.getNetworkConfig().addAddress("CLUSTER.example.com:5701");
        config.setClusterName("CLUSTER");
    }
}
`
	root := filepath.Join(dir, cluster)
	files := map[string][]byte{"src/main/java/Client.java": []byte(strings.NewReplacer("PASSWORD", corpusPassword, "CLUSTER", cluster).Replace(source))}
	for name, from := range map[string]string{"client.keystore": key, "client.truststore": trust} {
		data, err := os.ReadFile(filepath.Join(corpus, from))
		if err != nil {
			t.Fatal(err)
		}
		files["src/main/resources/"+name] = data
	}
	for name, data := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInspectStrictFailsOnAWarning(t *testing.T) {
	dir := t.TempDir()
	corpusBundle(t, dir, "sound", "jks-chain.keystore", "p12legacy-trust1.truststore")
	corpusBundle(t, dir, "dated", "p12-expired.keystore", "jks-trust1.truststore")
	corpusBundle(t, dir, "twokeys", "jks-multi2keys.keystore", "jks-trust1.truststore")
	corpusBundle(t, dir, "damaged", "bad-jks-rsa2048-minus1.keystore", "jks-trust1.truststore")
	for _, store := range []string{"jks-chain.keystore", "p12legacy-chain.keystore", "p12-weak-rsa1024-sha1.keystore"} {
		data, err := os.ReadFile(filepath.Join(corpus, store))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, store), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	env := map[string]string{"FAILOVER_STORE_PASSWORD": corpusPassword}
	for _, c := range []struct {
		args string
		code int
		want []string // the start of each line on standard error
	}{
		{"sound", 0, nil},
		{"jks-chain.keystore p12legacy-chain.keystore", 0, nil}, // neither JKS nor the console's own encryption is a warning
		{"dated", 1, []string{"dated/src/main/resources/client.keystore: certificate expired "}},
		{"twokeys", 1, []string{`twokeys/src/main/resources/client.keystore: holds several keys: "beta", "alpha"; choose one with --set N.alias=ALIAS`}},
		{"p12-weak-rsa1024-sha1.keystore", 1, []string{"p12-weak-rsa1024-sha1.keystore: certificate has a weak key", "p12-weak-rsa1024-sha1.keystore: certificate has a weak signature"}},
		{"sound dated", 1, []string{"dated/", "dated/src/main/resources/client.truststore: clusters 1 and 2 have the same truststore"}},
		{"dated damaged none", 2, []string{"dated/", "damaged/src/main/resources/client.keystore: is a JKS keystore that was cut off", "none: "}},
		{"sound --expires-within 36500d", 1, []string{"sound/src/main/resources/client.keystore: certificate expires in ", `sound/src/main/resources/client.keystore: issuer `, `sound/src/main/resources/client.keystore: issuer `, "sound/src/main/resources/client.truststore: certificate expires in "}},
	} {
		for _, flags := range []string{" --strict", " --strict --quiet", " --strict --json"} {
			r := run(t, env, strings.Fields("inspect "+c.args+flags)...)
			lines := strings.Split(strings.TrimSuffix(r.stderr, "\n"), "\n")
			if r.stderr == "" {
				lines = nil
			}
			if r.code != c.code || len(lines) != len(c.want) {
				t.Errorf("%s%s: exit %d, stderr %q; want exit %d and %q", c.args, flags, r.code, r.stderr, c.code, c.want)
				continue
			}
			for i, want := range c.want {
				if !strings.HasPrefix(lines[i], want) {
					t.Errorf("%s%s: line %q, want %q", c.args, flags, lines[i], want)
				}
			}
			if strings.Contains(r.stdout+r.stderr, corpusPassword) {
				t.Errorf("%s%s prints the password", c.args, flags)
			}
			if flags == " --strict --json" {
				if d := document(t, r.stdout); d.Exit != c.code || len(d.Errors) != len(c.want) {
					t.Errorf("%s: %s", c.args, r.stdout)
				}
			}
		}
		if c.code == 1 {
			if r := run(t, env, strings.Fields("inspect "+c.args)...); r.code != 0 || r.stderr != "" || !strings.Contains(r.stdout, "  warnings\n") {
				t.Errorf("%s without --strict: %+v", c.args, r)
			}
		}
	}
}

// The certificate in p12-chain.keystore ends 2999 days, 22 hours and 24 minutes
// after the tests' clock.
func TestInspectExpiresWithin(t *testing.T) {
	env := map[string]string{"FAILOVER_STORE_PASSWORD": corpusPassword}
	store := filepath.Join(corpus, "p12-chain.keystore")
	for within, warned := range map[string]bool{
		"30d": false, "0d": false, "0": false, "12h": false, "2999d": false, "71998h": false,
		"3000d": true, "71999h": true, "71998h30m": true, "36500d": true,
	} {
		r := run(t, env, "inspect", store, "--expires-within", within)
		if got := strings.Contains(r.stdout, "p12-chain.keystore: certificate expires in 2999 days (2035-02-07)"); r.code != 0 || got != warned {
			t.Errorf("--expires-within %s: warned %v, want %v; %+v", within, got, warned, r)
		}
	}
	for _, within := range []string{"", "d", "30", "-1d", "-5h", "1.5d", "36501d", "99999999999999999999d", "876001h", "30days", "1d12h", "+3d", " 3d"} {
		r := run(t, env, "inspect", store, "--expires-within", within)
		if r.code != 2 || r.stdout != "" || r.stderr != "--expires-within "+within+": is not a length of time from 0 to 36500d; write it like 30d or 12h\n" {
			t.Errorf("--expires-within %q: %+v", within, r)
		}
	}
}

// A store of several keys is never guessed at: the error lists the aliases and
// names the flag, and with the flag the project is written.
func TestGenerateTakesTheKeyThatIsNamed(t *testing.T) {
	dir := t.TempDir()
	corpusBundle(t, dir, "one", "jks-chain.keystore", "jks-trust1.truststore")
	corpusBundle(t, dir, "two", "jks-multi2keys.keystore", "jks-trust2.truststore")
	t.Chdir(dir)
	args := []string{"generate", "--primary", "one", "--secondary", "two", "--out", "orders"}
	for _, c := range []struct{ set, want string }{
		{"", `two/src/main/resources/client.keystore: holds several keys: "beta", "alpha"; choose one with --set 2.alias=ALIAS` + "\n"},
		{"--set=2.alias=gamma", `two/src/main/resources/client.keystore: holds no key "gamma"; choose one of "beta", "alpha"`},
	} {
		r := run(t, nil, slices.DeleteFunc(append(slices.Clone(args), c.set), func(arg string) bool { return arg == "" })...)
		if r.code != 2 || !strings.HasPrefix(r.stderr, c.want) {
			t.Errorf("%s: %+v, want %q", c.set, r, c.want)
		}
	}
	if r := run(t, nil, append(args, "--set=2.alias=alpha")...); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	for file, want := range map[string]string{"orders/failover.yaml": "    alias: alpha\n", "orders/clusters.go": `"alpha"`} {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %q, %v", file, want, err)
		}
	}
}
