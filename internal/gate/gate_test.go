package gate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/storefile"
)

const password = "storepass1" // of the corpus

// cluster is one whose stores are of the corpus.
func cluster(t *testing.T, n int, path, keystore, truststore string) Cluster {
	t.Helper()
	at := fault.Position{File: path + "!Client.java", Line: 3, Column: 7}
	store := func(name, file string) *bundle.Store {
		data, err := os.ReadFile(filepath.Join("../../keystore/testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		return &bundle.Store{Path: path + "!" + name, Inner: name, Data: data, NamedAt: at}
	}
	return Cluster{Number: n, Path: path, Name: path, Said: &bundle.Cluster{
		Name: bundle.Value{Text: path, At: at}, Keystore: store("client.keystore", keystore), Truststore: store("client.truststore", truststore),
		KeystorePassword: bundle.NewSecret(password, at), TruststorePassword: bundle.NewSecret(password, at),
	}}
}

// TestOpenAndJudgeAgree gives both the same stores: what generate refuses, inspect
// says, in the same words.
func TestOpenAndJudgeAgree(t *testing.T) {
	for _, c := range []struct{ keystore, truststore, alias, want string }{
		{"p12legacy-chain.keystore", "jks-trust2.truststore", "", ""},
		{"jks-chain.keystore", "p12-trust1.truststore", "", ""},
		{"jks-multi2keys.keystore", "p12-trust1.truststore", "", "a!client.keystore: holds several keys: "},
		{"jks-multi2keys.keystore", "p12-trust1.truststore", "beta", ""},
		{"jks-chain.keystore", "p12-trust1.truststore", "gamma", `a!client.keystore: holds no key "gamma"`},
		{"p12-trust1.truststore", "jks-chain.keystore", "", "a!client.keystore: keystore and truststore are swapped"},
		{"p12-trust1.truststore", "jks-trust2.truststore", "", "a!client.keystore: holds no key"},
	} {
		one := cluster(t, 1, "a", c.keystore, c.truststore)
		one.Alias = c.alias
		opened, wrong := Open(&one)
		key, keyErr := storefile.Decode(one.Said.Keystore.Data, password, "")
		trust, trustErr := storefile.Decode(one.Said.Truststore.Data, password, "")
		if keyErr != nil || trustErr != nil {
			t.Fatal(keyErr, trustErr)
		}
		judged, alsoWrong := Judge(&one, key, trust)
		if got := wrong.Error(); got != alsoWrong.Error() || !strings.HasPrefix(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%s, %s: Open says %q, Judge %q, want %q", c.keystore, c.truststore, got, alsoWrong.Error(), c.want)
		}
		if c.want == "" && (opened.key != judged.key || len(Shared([]Cluster{one, one}, []Stores{opened, judged}, 1)) != 2) {
			t.Errorf("%s, %s: Open and Judge see different keys or certificates", c.keystore, c.truststore)
		}
	}
}

// TestSharedStores compares each cluster with those before it.
func TestSharedStores(t *testing.T) {
	list := []Cluster{
		cluster(t, 1, "a", "jks-chain.keystore", "jks-trust2.truststore"),
		cluster(t, 2, "b", "p12-chain.keystore", "p12-trust1.truststore"),
		cluster(t, 3, "c", "jks-chain.keystore", "p12-trust1.truststore"),
	}
	var stores []Stores
	for i := range list {
		s, wrong := Open(&list[i])
		if len(wrong) > 0 {
			t.Fatal(wrong)
		}
		stores = append(stores, s)
	}
	for i, want := range [][]string{nil, nil, {"c!client.keystore: clusters 1 and 3 have the same client key, which is also in a!client.keystore", "c!client.truststore: clusters 2 and 3 have the same truststore, which is also in b!client.truststore"}} {
		got := Shared(list, stores, i)
		if len(got) != len(want) {
			t.Errorf("cluster %d: %v, want %q", i+1, got, want)
			continue
		}
		for k := range want {
			if !strings.HasPrefix(got[k].Error(), want[k]) {
				t.Errorf("cluster %d: %v, want %q", i+1, got[k], want[k])
			}
		}
	}
	if unknown := Shared(list, make([]Stores, 3), 2); len(unknown) > 0 {
		t.Errorf("stores that are not known are taken for the same: %v", unknown)
	}
}
