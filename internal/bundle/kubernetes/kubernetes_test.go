package kubernetes

import (
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// read reads one manifest.
func read(data string) ([]said.Candidate, fault.List) {
	return readManifests([]said.File{{Name: "dir/s.yaml", Path: "s.yaml", Data: []byte(data)}})
}

func TestKeys(t *testing.T) {
	for key, want := range map[string]string{
		"tls.crt": roleCert, "TLS.CRT": roleCert, "KEYSTORE_PASSWORD": roleKeystorePassword, "keystorePassword": roleKeystorePassword,
		"truststore.password": roleTruststorePassword, "HAZELCAST_CLUSTER_NAME": roleName, "hz-client-key-password": roleKeyPassword,
		"password": rolePassword, "hazelcast-password": "", "DB_PASSWORD": "", "api-token": "", "my-name": "", "": "", "client": "",
	} {
		if got := roleOf(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}

// What is not a client's Secret gives neither a candidate nor a fault.
func TestOthersArePassedOver(t *testing.T) {
	for _, data := range []string{
		"", "a: b", "- 1", "{{ x }}", "kind: Secret", "kind: Secret\ndata: [1]", "kind: Deployment\ndata: {tls.crt: x}", "kind: [Secret]",
		"kind: Secret\nstringData: {password: x, username: y, url: z}", "kind: ConfigMap\ndata: {name: a, address: b, token: c}",
		"kind: Secret\ntype: kubernetes.io/service-account-token\nstringData: {ca.crt: x, token: y}",
		"kind: ConfigMap\nmetadata: {name: kube-root-ca.crt}\ndata: {ca.crt: x}", "kind: ConfigMap\ndata: {ca.crt: x}",
		"kind: List\nitems: {}", "kind: List", "kind: SealedSecret\nspec: {encryptedData: {DB_PASSWORD: x}}",
		"kind: Secret\nstringData: {tls.crt: '', tls.key: ''}",
	} {
		if candidates, faults := read(data); len(faults) > 0 || len(candidates) > 0 && candidates[0].Configs[0].TLS.Used() {
			t.Errorf("%q gives %v, %v", data, candidates, faults)
		}
	}
}

// TestTooMuch gives manifests that would take forever, or all memory.
func TestTooMuch(t *testing.T) {
	repeat := strings.Repeat
	var bomb strings.Builder
	bomb.WriteString("kind: List\nitems:\n- &a0 {kind: Secret, stringData: {tls.crt: x, tls.key: y}}\n")
	for i := range 30 {
		fmt.Fprintf(&bomb, "- &a%d {kind: List, items: [%s*a%d]}\n", i+1, repeat(fmt.Sprintf("*a%d, ", i), 20), i)
	}
	for name, data := range map[string]string{
		"aliases of aliases": bomb.String(),
		"an alias of itself": "&a kind: List\nitems: &b [*b, *b]\n",
		"nested lists":       repeat("{kind: List, items: [", 5000),
		"nested sequences":   "kind: Secret\ndata: " + repeat("[", 1<<20),
		"nested mappings":    "kind: Secret\ndata: " + repeat("{a: ", 200000),
		"nested blocks":      "kind: Secret\n" + repeat("- ", 500000),
		"one long line":      "kind: Secret\nstringData: {tls.crt: " + repeat("a", 1<<20) + "}",
		"a long key":         "kind: Secret\nstringData: {" + repeat("a", 1<<20) + ": b}",
		"huge base64":        "kind: Secret\ndata: {tls.crt: " + repeat("QUJD", 400000) + ", tls.key: QUJD}",
		"wrong huge base64":  "kind: Secret\ndata: {tls.crt: " + repeat("QUJD", 400000) + "!}",
		"many documents":     repeat("kind: Secret\nstringData: {tls.crt: x}\n---\n", 40000),
		"many keys":          "kind: Secret\nstringData: {" + repeat("tls.crt: x, ", 100000) + "}",
		"many lines":         "kind: Secret\nstringData: {name: a, cluster-name: b, token: c, addresses: \"" + repeat("a\\n", 200000) + "\"}",
		"anchors":            "kind: Secret\ndata:\n" + repeat("  ? &a b\n  : *a\n", 60000),
		"tags":               repeat("!!a ", 200000),
	} {
		start := time.Now()
		candidates, faults := read(data)
		if took := time.Since(start); took > patience {
			t.Errorf("%s took %v", name, took)
		}
		if text := faults.Error(); len(text) > 20000 {
			t.Errorf("%s: an error of %d bytes", name, len(text))
		}
		t.Logf("%s: %v, %d candidates, %d faults", name, time.Since(start), len(candidates), len(faults))
	}
}

// patience tells a hang from work. Everything here takes under 2 seconds on an
// idle machine; this one may be busy, and the race detector slows it tenfold.
const patience = 20 * time.Second

func FuzzRead(f *testing.F) {
	for _, dir := range []string{"kubernetes", "kubernetes-errors"} {
		paths, err := filepath.Glob(filepath.Join("..", "testdata", dir, "*.txtar"))
		if err != nil || len(paths) == 0 {
			f.Fatal("no seeds", err)
		}
		for _, path := range paths {
			a, err := txtar.ParseFile(path)
			if err != nil {
				f.Fatal(err)
			}
			for _, file := range a.Files {
				if manifestLimit(file.Name) > 0 {
					f.Add(file.Data)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > maxSource {
			return
		}
		candidates, faults := read(string(data))
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 3
		for _, c := range candidates {
			for _, config := range c.Configs {
				for _, v := range []said.Value{config.Name, config.Token, config.TLS.Cert.File, config.TLS.Keystore.File, config.TLS.CA.File} {
					if v.State != said.Absent && (v.At.Line < 1 || v.At.Line > lines || v.At.File != "dir/s.yaml") {
						t.Errorf("a value at %v of %d lines", v.At, lines)
					}
				}
			}
		}
		for _, f := range faults {
			if f.Line < 0 || f.Line > lines || f.Cause == "" || f.Remedy == "" {
				t.Errorf("incomplete fault %#v", f)
			}
		}
	})
}

// BenchmarkRead reads a Secret with a store of 64 KiB.
func BenchmarkRead(b *testing.B) {
	data := "kind: Secret\ndata:\n  keystore.jks: " + base64.StdEncoding.EncodeToString(make([]byte, 64<<10)) + "\n  truststore.jks: QUJD\n  password: QUJD\n  cluster-name: QUJD\n"
	b.ReportAllocs()
	for b.Loop() {
		if c, faults := read(data); len(c) != 1 || len(faults) > 0 {
			b.Fatal(c, faults)
		}
	}
}
