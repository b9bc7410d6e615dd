package sample

import (
	"archive/zip"
	"bytes"
	"crypto/rsa"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/failover-gen/failover-gen/internal/pki"
)

// unzip returns the files of a bundle without its top-level folder.
func unzip(t *testing.T, b Bundle) map[string][]byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(b.Data), int64(len(b.Data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range r.File {
		name, ok := strings.CutPrefix(f.Name, strings.TrimSuffix(b.FileName, ".zip")+"/")
		if !ok {
			t.Errorf("%s stands outside the top-level folder", f.Name)
		}
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
		in.Close()
	}
	return files
}

func TestBundlesHaveTheConsolesShape(t *testing.T) {
	bundles, err := Make(3, pki.Console)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, b := range bundles {
		names = append(names, b.Cluster)
		for pattern, value := range map[string]string{
			`^pr-[1-9][0-9]{3}$`: b.Cluster,
			`^[A-Za-z0-9]{50}$`:  b.Token,
			`^[0-9a-f]{11}$`:     b.Password,
			`^hazelcast-cloud-java-sample-client-pr-\d{4}-default`: b.FileName,
		} {
			if !regexp.MustCompile(pattern).MatchString(value) {
				t.Errorf("%q does not match %s", value, pattern)
			}
		}
		files := unzip(t, b)
		if len(files) != 5 {
			t.Errorf("%d files, want 5", len(files))
		}
		source := string(files["src/main/java/com/hazelcast/cloud/ClientWithSsl.java"])
		for _, want := range []string{
			`setClusterName("` + b.Cluster + `")`, `setDiscoveryToken("` + b.Token + `")`, `"` + DiscoveryURL + `"`,
			`"javax.net.ssl.keyStorePassword", "` + b.Password + `"`, `"javax.net.ssl.trustStorePassword", "` + b.Password + `"`,
		} {
			if !strings.Contains(source, want) {
				t.Errorf("ClientWithSsl.java lacks %s", want)
			}
		}
		if !strings.Contains(string(files["pom.xml"]), "<clusterName>"+b.Cluster+"</clusterName>") {
			t.Error("pom.xml lacks the cluster name")
		}
		key, leaf, _, err := pkcs12.DecodeChain(files["src/main/resources/client.keystore"], b.Password)
		if err != nil {
			t.Fatal(err)
		}
		if k, ok := key.(*rsa.PrivateKey); !ok || k.N.BitLen() != 2048 || !k.PublicKey.Equal(leaf.PublicKey) {
			t.Errorf("keystore holds %T, want an RSA-2048 key with its certificate", key)
		}
		if _, err := pkcs12.DecodeTrustStore(files["src/main/resources/client.truststore"], b.Password); err != nil {
			t.Error(err)
		}
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != 3 {
		t.Errorf("cluster names repeat: %v", names)
	}
}
