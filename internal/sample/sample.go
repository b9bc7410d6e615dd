// Package sample makes throw-away client bundles in the shape in which the
// cloud console hands them out, with fresh keys, for demonstrations and tests.
// The clusters that they name do not exist, and the discovery address is one
// that never resolves: to connect, put other values in.
package sample

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"math/big"
	"path"
	"slices"
	"sync"
	"text/template"

	"github.com/failover-gen/failover-gen/internal/pki"
)

// DiscoveryURL is the discovery address in every sample bundle. Its domain is
// reserved for examples (RFC 2606).
const DiscoveryURL = "https://api.cloud.example.com"

// Bundle is one zip file, and the values that were put into it.
type Bundle struct {
	FileName string // as the console would name it
	Cluster  string // "pr-" and 4 digits
	Token    string // 50 letters and digits
	Password string // of both stores: 11 lower-case hex digits
	Data     []byte
}

//go:embed bundle
var templates embed.FS

// files are the bundle's files that are made from templates.
var files = map[string]*template.Template{
	"pom.xml": parse("pom.xml"),
	"src/main/java/com/hazelcast/cloud/Client.java":        parse("Client.java"),
	"src/main/java/com/hazelcast/cloud/ClientWithSsl.java": parse("ClientWithSsl.java"),
}

func parse(name string) *template.Template {
	return template.Must(template.ParseFS(templates, "bundle/"+name+".tmpl"))
}

// Make returns n bundles of different clusters. Keys are RSA-2048 in PKCS12
// stores of the given form: the console's is pki.Console, which takes some
// 100 ms a bundle, and as long again each time that its stores are opened.
func Make(n int, form pki.Form) ([]Bundle, error) {
	first, err := rand.Int(rand.Reader, big.NewInt(9000))
	if err != nil {
		return nil, err
	}
	bundles, errs := make([]Bundle, n), make([]error, n)
	var wg sync.WaitGroup
	for i := range bundles {
		// Numbers next to each other would look alike in a log.
		number := 1000 + (first.Int64()+int64(i)*1637)%9000
		wg.Go(func() { bundles[i], errs[i] = makeOne(fmt.Sprintf("pr-%d", number), form) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("making a sample bundle: %w", err)
		}
	}
	return bundles, nil
}

func makeOne(cluster string, form pki.Form) (Bundle, error) {
	b := Bundle{
		FileName: "hazelcast-cloud-java-sample-client-" + cluster + "-default.zip",
		Cluster:  cluster, Token: (rand.Text() + rand.Text())[:50], Password: password(),
	}
	keystore, truststore, err := form.ClientStores(cluster, b.Password)
	if err != nil {
		return Bundle{}, err
	}
	contents := map[string][]byte{
		"src/main/resources/client.keystore":   keystore,
		"src/main/resources/client.truststore": truststore,
	}
	for name, t := range files {
		var text bytes.Buffer
		if err := t.Execute(&text, map[string]string{"Cluster": cluster, "Token": b.Token, "Password": b.Password, "URL": DiscoveryURL}); err != nil {
			return Bundle{}, err
		}
		contents[name] = text.Bytes()
	}
	b.Data, err = pack("hazelcast-cloud-java-sample-client-"+cluster+"-default", contents)
	return b, err
}

// password returns 11 lower-case hex digits.
func password() string {
	var b [6]byte
	rand.Read(b[:]) // never fails, says its documentation
	return hex.EncodeToString(b[:])[:11]
}

// pack zips the contents under one top-level folder, in order of name.
func pack(folder string, contents map[string][]byte) ([]byte, error) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		f, err := w.Create(path.Join(folder, name))
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(contents[name]); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
