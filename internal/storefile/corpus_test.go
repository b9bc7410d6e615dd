package storefile

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gopkcs12 "software.sslmate.com/src/go-pkcs12"
)

var update = flag.Bool("update", false, "write what was got into outcomes.tsv and docs/keystores.md")

// sample is a line of testdata/outcomes.tsv: a self-made store (by keytool 17,
// openssl 3, Bouncy Castle and Go), the passwords to open it with, what it is,
// what must come of it ("read", "refused", or refused for this Reason), how that
// compares with what keytool lists ("" where it is not compared), the reader that
// a project gets for it ("" if none), and the outcome word for word, which alone
// is written by -update.
type sample struct{ file, storePassword, keyPassword, what, expected, keytool, reader, outcome string }

// same is the comparison of a store of which keytool says what we do.
const same = "the same"

// made are the files of the corpus that are too large to be kept.
var made = map[string][]byte{"hostile-p12-deepnest": bytes.Repeat([]byte("\x30\x84\x00\x0f\xff\xff"), 100_000)}

// corpus is the folder of the self-made stores.
const (
	corpus   = "../../keystore/testdata"
	outcomes = corpus + "/outcomes.tsv"
)

func samples(t testing.TB) []sample {
	t.Helper()
	table, err := os.ReadFile(outcomes)
	if err != nil {
		t.Fatal(err)
	}
	var list []sample
	for line := range strings.Lines(string(table)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 8 {
			t.Fatalf("%d fields in %q", len(fields), line)
		}
		s := sample{file: fields[0], what: fields[3], expected: fields[4], keytool: fields[5], reader: fields[6], outcome: fields[7]}
		if err := errors.Join(json.Unmarshal([]byte(fields[1]), &s.storePassword), json.Unmarshal([]byte(fields[2]), &s.keyPassword)); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		list = append(list, s)
	}
	return list
}

func testdata(t testing.TB, file string) []byte {
	t.Helper()
	if data := made[file]; data != nil {
		return bytes.Clone(data)
	}
	data, err := ReadFile(filepath.Join(corpus, file))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// describe words a decoded store or an error as outcomes.tsv does.
func describe(store *Store, err error) string {
	if err != nil {
		refused := err.(*Error)
		return string(refused.Reason) + ": " + refused.Error()
	}
	words := []string{string(store.Type)}
	for _, e := range store.Entries {
		word := fmt.Sprintf("%s %q", e.Kind, e.Alias)
		if e.Kind == KindKey {
			word += fmt.Sprintf(" with %d certificate", len(e.Chain))
			if len(e.Chain) != 1 {
				word += "s"
			}
			if !Matches(e.Key, e.Chain[0]) {
				word += " of another key"
			}
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

func TestEveryStoreOfTheCorpusHasItsOutcome(t *testing.T) {
	var table strings.Builder
	for _, s := range samples(t) {
		store, err := Decode(testdata(t, s.file), s.storePassword, s.keyPassword)
		if !s.isExpected(err) {
			t.Errorf("%s, %s: %v, want: %s", s.file, s.what, err, s.expected)
		}
		if (err == nil) != (s.keytool != "") {
			t.Errorf("%s, %s: what is read, and only that, is compared with keytool", s.file, s.what)
		}
		got := describe(store, err)
		if got != s.outcome && !*update {
			t.Errorf("%s with %q, %q:\n got %s\nwant %s", s.file, s.storePassword, s.keyPassword, got, s.outcome)
		}
		fmt.Fprintf(&table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.file, quote(s.storePassword), quote(s.keyPassword), s.what, s.expected, s.keytool, s.reader, got)
	}
	if *update {
		if err := os.WriteFile(outcomes, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *sample) isExpected(err error) bool {
	var refused *Error
	switch {
	case s.expected == "read" || err == nil:
		return s.expected == "read" && err == nil
	case !errors.As(err, &refused):
		return false
	}
	return s.expected == "refused" || s.expected == string(refused.Reason)
}

func quote(s string) string {
	text, _ := json.Marshal(s) // cannot fail for a string
	return string(text)
}

func TestEveryFileOfTheCorpusIsInTheTable(t *testing.T) {
	files, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{filepath.Base(outcomes): true, "fuzz": true} // fuzz: findings kept as seeds
	for _, s := range samples(t) {
		listed[s.file] = true
	}
	for _, file := range files {
		if !listed[file.Name()] {
			t.Errorf("%s has no line in %s", file.Name(), outcomes)
		}
	}
}

func TestNoErrorHoldsAPassword(t *testing.T) {
	for _, s := range samples(t) {
		if strings.Contains(s.file, "000000") {
			continue // a million iterations, of a kind that others have
		}
		const secret = "Xq7-secret-Zw9"
		for _, passwords := range [][2]string{{secret, ""}, {s.storePassword, secret}, {s.storePassword, s.keyPassword}} {
			_, err := Decode(testdata(t, s.file), passwords[0], passwords[1])
			if err == nil {
				continue
			}
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprint(errors.Unwrap(err))} {
				for _, p := range passwords {
					if p != "" && strings.Contains(text, p) {
						t.Errorf("%s: an error holds a password: %s", s.file, text)
					}
				}
			}
		}
	}
}

var keytoolEntry = regexp.MustCompile(`(?m)^(.*), ([A-Z][a-z]{2} \d+, \d{4}), (\w+), ?\nCertificate fingerprint \(SHA-256\): ([0-9A-F:]+)`)

func TestKeytoolAgrees(t *testing.T) {
	if os.Getenv("FAILOVER_REQUIRE_JAVA") == "" {
		t.Skip("a comparison with keytool is not asked for: set FAILOVER_REQUIRE_JAVA=1; it needs a JDK")
	}
	keytool, err := exec.LookPath("keytool")
	if err != nil {
		t.Fatal("FAILOVER_REQUIRE_JAVA is set, but there is no keytool: ", err)
	}
	for _, s := range samples(t) {
		if s.keytool != same {
			continue
		}
		store, err := Decode(testdata(t, s.file), s.storePassword, s.keyPassword)
		if err != nil {
			t.Errorf("%s: %v", s.file, err)
			continue
		}
		t.Run(s.file, func(t *testing.T) {
			t.Parallel()
			command := exec.Command(keytool, "-J-Duser.language=en", "-J-Duser.country=US", "-J-Duser.timezone=UTC", "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC",
				"-list", "-keystore", filepath.Join(corpus, s.file), "-storepass", s.storePassword)
			command.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
			out, err := command.Output()
			if err != nil {
				t.Fatalf("keytool: %v\n%s", err, out)
			}
			var theirs, ours []string
			created := make(map[string]string) // where the store does not say, keytool takes today
			for _, e := range store.Entries {
				if !e.Created.IsZero() {
					created[e.Alias] = e.Created.Format("Jan 2, 2006")
				}
			}
			for _, m := range keytoolEntry.FindAllStringSubmatch(string(out), -1) {
				kind := map[string]Kind{"PrivateKeyEntry": KindKey, "trustedCertEntry": KindCertificate}[m[3]]
				if ours, known := created[m[1]]; known && m[2] != ours {
					t.Errorf("keytool says that %q was created on %s, we say %s", m[1], m[2], ours)
				}
				theirs = append(theirs, fmt.Sprintf("%s %s %s", m[1], kind, strings.ToLower(strings.ReplaceAll(m[4], ":", ""))))
			}
			for _, e := range store.Entries {
				ours = append(ours, fmt.Sprintf("%s %s %x", e.Alias, e.Kind, sha256.Sum256(e.Chain[0].Raw)))
			}
			slices.Sort(theirs)
			slices.Sort(ours)
			if !slices.Equal(theirs, ours) {
				t.Errorf("keytool lists %q\nwe read %q", theirs, ours)
			}
			if want := "Keystore type: " + string(store.Type); !strings.Contains(string(out), want) {
				t.Errorf("keytool does not say %q:\n%s", want, out)
			}
		})
	}
}

// go-pkcs12 is another reader of the same format: what it reads, we read alike.
func TestGoPKCS12Agrees(t *testing.T) {
	compared := 0
	for _, s := range samples(t) {
		data := testdata(t, s.file)
		store, err := Decode(data, s.storePassword, s.keyPassword)
		if err != nil || store.Type != PKCS12 || strings.HasPrefix(s.file, "hostile") {
			continue
		}
		if key, leaf, _, err := gopkcs12.DecodeChain(data, s.storePassword); err == nil {
			compared++
			pair, err := store.KeyPair("")
			if err != nil {
				t.Errorf("%s: %v", s.file, err)
				continue
			}
			if !key.(interface{ Equal(crypto.PrivateKey) bool }).Equal(pair.PrivateKey) {
				t.Errorf("%s: another key", s.file)
			}
			if Matches(key, leaf) && !leaf.Equal(pair.Leaf) {
				t.Errorf("%s: another certificate", s.file)
			}
		} else if certs, err := gopkcs12.DecodeTrustStore(data, s.storePassword); err == nil {
			compared++
			var ours, theirs [][]byte
			for _, c := range certs {
				theirs = append(theirs, c.Raw)
			}
			for _, e := range store.Entries {
				ours = append(ours, e.Chain[0].Raw)
			}
			slices.SortFunc(ours, bytes.Compare)
			slices.SortFunc(theirs, bytes.Compare)
			if !slices.EqualFunc(ours, theirs, bytes.Equal) {
				t.Errorf("%s: %d certificates, go-pkcs12 has %d, or others", s.file, len(ours), len(theirs))
			}
		}
	}
	if compared < 15 {
		t.Errorf("only %d stores could be compared", compared)
	}
}

// What projects are given must build on its own, with nothing but the standard
// library.
func TestSourceBuildsAlone(t *testing.T) {
	dir := t.TempDir()
	entries, err := Source.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		data, err := Source.ReadFile(entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		if entry.Name() == "source.go" || strings.HasSuffix(entry.Name(), "_test.go") {
			t.Errorf("%s is given to projects", entry.Name())
		}
		if err := os.WriteFile(filepath.Join(dir, entry.Name()), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module alone\n\ngo 1.26.0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("go", "build", ".")
	command.Dir, command.Env = dir, append(os.Environ(), "GOFLAGS=-mod=readonly", "GOPROXY=off", "GOWORK=off")
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("go build: %v\n%s", err, out)
	}
}
