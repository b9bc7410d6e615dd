package storefile

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"
)

// page is what docs/keystores.md says before its table.
const page = `# The keystores that are read, and those that are refused

failover-gen reads JKS and PKCS12 by itself, without Java. This is the corpus on which that is tested: stores made by keytool 17,
openssl 3, Bouncy Castle and Go, sound ones, damaged ones, and hostile ones made to exhaust a reader. *Expected* was decided before:
that a store is read, that it is refused, or for which reason it is; *got* is what comes of it today, for a refusal the words that
users see (OLD and NEW stand for their files). The password is known unless the table says otherwise. Every store that is read is
compared with what "keytool -list" says of the same file: *the same* means the same type, aliases, kinds of entry and SHA-256
fingerprints. A hostile file takes at most 2 seconds and 64 MiB.

*Reader* is the Go code that a project gets for the store. The small one has 300 lines and leaves PKCS12 to go-pkcs12. The full one is the
reader of failover-gen itself, on the standard library alone. A project gets it only where the small one cannot open its stores.

This page is written by ` + "`go test ./internal/storefile -update`" + ` from what the
tests find; they fail when it says something else, or when keytool does (without a JDK that comparison is skipped).

| file | what it is | expected | got | keytool | reader |
|---|---|---|---|---|---|
`

const pagePath = "../../docs/keystores.md"

// TestPageOfKeystores keeps the page for users in step with the corpus.
func TestPageOfKeystores(t *testing.T) {
	var got strings.Builder
	got.WriteString(page)
	for _, s := range samples(t) {
		file := "[" + s.file + "](../keystore/testdata/" + s.file + ")"
		if made[s.file] != nil {
			file = s.file
		}
		compared := s.keytool
		if compared == "" {
			compared = "not compared"
		}
		if s.what == "" || s.expected == "" {
			t.Errorf("%s is not explained", s.file)
		}
		fmt.Fprintf(&got, "| %s | %s | %s | `%s` | %s | %s |\n", file, s.what, s.expected, s.outcome, compared, cmp.Or(s.reader, "none"))
	}
	if rows := strings.Count(got.String(), "\n| ") - 1; strings.Count(got.String(), "|") != 7*rows+14 {
		t.Error("a text breaks the table")
	}
	if *update {
		if err := os.WriteFile(pagePath, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want, err := os.ReadFile(pagePath); err != nil || string(want) != got.String() {
		t.Errorf("%s is not what %s says; run go test ./internal/storefile -update (%v)", pagePath, outcomes, err)
	}
}
