package storefile

import (
	"bytes"
	aescipher "crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/keystore"
)

// What a hostile file may cost: processor time, since the machine's other work
// must not fail the test, and memory taken from the system.
const (
	allowedTime   = 2 * time.Second
	allowedMemory = 64 << 20
)

// childVariable makes TestMain decode the file that it names, and report;
// smallVariable makes it do so with the small reader of projects.
const (
	childVariable = "KEYSTORE_TEST_DECODE"
	smallVariable = "KEYSTORE_TEST_SMALL"
)

type report struct {
	Memory  uint64
	Outcome string
}

func TestMain(m *testing.M) {
	path := os.Getenv(childVariable)
	if path == "" {
		os.Exit(m.Run())
	}
	outcome := ""
	if os.Getenv(smallVariable) == "" {
		outcome = decodeFile(path)
	} else {
		outcome = decodeSmall(path)
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	_ = json.NewEncoder(os.Stdout).Encode(report{stats.Sys, outcome})
	os.Exit(0)
}

func decodeFile(path string) string {
	data, err := ReadFile(path)
	if err != nil {
		return err.Error()
	}
	store, err := Decode(data, testPassword, "")
	if err != nil {
		return err.Error()
	}
	_, err = store.KeyPair("")
	return fmt.Sprintf("%d entries, %v", len(store.Entries), err)
}

func decodeSmall(path string) string {
	data, err := keystore.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	store, err := keystore.Decode(data, testPassword, "")
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d keys, %d certificates", len(store.Keys), len(store.Trusted))
}

// raceDetector is set in a build with the race detector, which is too slow and
// too large to be measured.
var raceDetector bool

// decoder returns a program that decodes: this one, or one built without the
// race detector.
func decoder(t *testing.T) string {
	t.Helper()
	if !raceDetector {
		return os.Args[0]
	}
	program := filepath.Join(t.TempDir(), "decoder")
	if out, err := exec.Command("go", "test", "-c", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go test -c: %v\n%s", err, out)
	}
	return program
}

// measure decodes a file in a process of its own.
func measure(t *testing.T, program, path, small string) (report, time.Duration) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program)
	// What the reader needs is measured, and not how far the collector is behind on a busy machine.
	command.Env = append(os.Environ(), childVariable+"="+path, smallVariable+"="+small, "GOTRACEBACK=single", "GOGC=50", "GOMEMLIMIT=40MiB")
	command.WaitDelay = time.Second
	stop := time.AfterFunc(20*time.Second, func() { _ = command.Process.Kill() })
	defer stop.Stop()
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	var got report
	if err := errors.Join(err, json.Unmarshal(out, &got)); err != nil {
		t.Fatalf("%v\n%s%s", err, out, stderr.Bytes()[:min(stderr.Len(), 2000)])
	}
	return got, command.ProcessState.UserTime() + command.ProcessState.SystemTime()
}

// crafted are files made to exhaust something, each with what refuses it.
func crafted(t *testing.T) map[string][]byte {
	t.Helper()
	const room = MaxSize - 4096
	names := issue(t, nil, func(c *x509.Certificate) {
		for range 5000 {
			c.DNSNames = append(c.DNSNames, "a.aa")
		}
	})
	twins := issue(t, nil, leaf("twin"))
	var full, many, named, short, twinned jks
	for i := 0; len(full.body)+len(names.cert.Raw)+64 < room; i++ {
		full.addCert(fmt.Sprint(i), names.cert.Raw)
	}
	for i := range maxEntries + 1 {
		many.addCert(fmt.Sprint(i), []byte{})
	}
	for i := 0; len(named.body)+1<<16 < room; i++ {
		named.addCert(fmt.Sprint(i)+strings.Repeat("я", 32_000), twins.cert.Raw)
	}
	for i := 0; i < maxEntries && len(short.body)+2*maxName < room; i++ {
		short.addCert(fmt.Sprint(i)+strings.Repeat("я", maxName/2-3), nil)
	}
	chain := []*x509.Certificate{}
	for range maxChain {
		chain = append(chain, issue(t, twins, leaf("twin")).cert)
	}
	twinned.addKey(t, "client", testPassword, twins.key, append(chain, twins.cert)[1:]...)

	slowKey := func(salt []byte) []byte {
		params := seq(octet(salt), integer(1_000_000))
		return seq(oid(oidBag+"\x02"), wrap(seq(seq(oid(oidPBE12+"\x03"), params), octet(make([]byte, 64)))))
	}
	encrypted := func(alg []byte, data []byte) []byte {
		return seq(oid(oidEncrypted), wrap(seq(integer(0), seq(oid(oidData), alg, tlv(0x80, data)))))
	}
	pbkdf := func(iterations int, keyLength []byte) []byte {
		return seq(oid(oidPBKDF2), seq(octet([]byte("saltsalt")), integer(iterations), keyLength, seq(oid(oidHMAC+"\x0b"))))
	}
	aes := seq(oid(oidAES+"\x2a"), octet(make([]byte, 16)))
	sealed := func(bags []byte) []byte {
		key, err := pbkdf2.Key(sha512.New, testPassword, []byte("saltsalt"), 1, 32)
		if err != nil {
			t.Fatal(err)
		}
		block, err := aescipher.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		plain := seq(bags)
		pad := aescipher.BlockSize - len(plain)%aescipher.BlockSize
		plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
		cipher.NewCBCEncrypter(block, make([]byte, aescipher.BlockSize)).CryptBlocks(plain, plain)
		return encrypted(seq(oid(oidPBES2), seq(pbkdf(1, nil), aes)), plain)
	}
	hidden := seq(oid(oidBag+"\x02"), wrap(seq(seq(oid(oidPBE12+"\x03"), seq(octet([]byte("saltsalt")), integer(math.MaxInt32))), octet(make([]byte, 64)))))
	bags := func(unit []byte) [][]byte { return [][]byte{bytes.Repeat(unit, room/len(unit))} }
	longOID := tlv(asn1.TagOID, bytes.Repeat([]byte{1}, room/2))
	return map[string][]byte{
		"PKCS12 in deep nesting":      made["hostile-p12-deepnest"],
		"BER in deep nesting":         bytes.Repeat([]byte{0x30, 0x80}, room/2),
		"BER of parts in parts":       append([]byte{0x30, 0x80}, bytes.Repeat([]byte{0x24, 0x80}, room/2)...),
		"BER of empty elements":       ber(0x30, bytes.Repeat([]byte{0x30, 0x80, 0, 0}, room/4)),
		"BER of empty parts":          ber(0x24, bytes.Repeat([]byte{4, 0}, room/2)),
		"BER of large parts":          ber(0x30, bytes.Repeat(ber(0x24, octet(make([]byte, room/48))), 40)),
		"JKS full of certificates":    full.bytes(testPassword),
		"JKS of too many entries":     many.bytes(testPassword),
		"JKS of equal names":          twinned.bytes(testPassword),
		"JKS of long names":           named.bytes(testPassword),
		"JKS of names":                short.bytes(testPassword),
		"PKCS12 of long names":        pfxFile(plainContent(bags(certBagOf(twins.cert.Raw, alias(strings.Repeat("я", maxName/2))))...)),
		"small PKCS12 of empty bags":  pfxFile(plainContent(bytes.Repeat([]byte{0x30, 0}, 250<<10))),
		"small PKCS12 of bags inside": pfxFile(sealed(bytes.Repeat([]byte{0x30, 0}, 250<<10))),
		"small PKCS12 hiding a key":   pfxFile(sealed(slices.Concat(certBagOf(twins.cert.Raw), hidden))),
		"small PKCS12 of one name":    pfxFile(plainContent(bytes.Repeat(certBagOf(twins.cert.Raw), 1000), keyBagOf(t, twins.key))),
		"PKCS12 of empty bags":        pfxFile(plainContent(bags([]byte{0x30, 0})...)),
		"PKCS12 of small bags":        pfxFile(plainContent(bags(seq(oid("\x2a"), wrap(nil)))...)),
		"PKCS12 of empty contents":    pfxFile(bags([]byte{0x30, 0})...),
		"PKCS12 of attributes":        pfxFile(plainContent(certBagOf(twins.cert.Raw, bags(seq(oid("\x2a"), tlv(0x31)))...))),
		"PKCS12 with a long name":     pfxFile(plainContent(certBagOf(twins.cert.Raw, alias(strings.Repeat("a", room/4))))),
		"PKCS12 with a long OID":      pfxFile(seq(longOID, wrap(octet(nil)))),
		"PKCS12 with a long bag OID":  pfxFile(plainContent(seq(longOID, wrap(nil)))),
		"PKCS12 with a huge key":      pfxFile(plainContent(seq(oid(oidBag+"\x01"), wrap(make([]byte, room/2))))),
		"PKCS12 of slow keys":         pfxFile(plainContent(bytes.Repeat(slowKey([]byte("saltsalt")), 5000))),
		"PKCS12 with a long salt":     pfxFile(plainContent(slowKey(make([]byte, room/2)))),
		"PKCS12 with SHA-512 at most": pfxFile(encrypted(seq(oid(oidPBES2), seq(pbkdf(maxWork/4-1, nil), aes)), make([]byte, 16))),
		"PKCS12 with SHA-1 at most":   pfxFile(encrypted(seq(oid(oidPBES2), seq(seq(oid(oidPBKDF2), seq(octet([]byte("saltsalt")), integer(maxWork/4-1))), aes)), make([]byte, 16))),
		"PKCS12 with a big content":   pfxFile(encrypted(seq(oid(oidPBES2), seq(pbkdf(1, nil), aes)), make([]byte, room&^15))),
	}
}

func TestHostileFilesAreCheap(t *testing.T) {
	dir := t.TempDir()
	files := make(map[string]string)
	for name, data := range crafted(t) {
		path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		files[name] = path
	}
	corpus, err := filepath.Glob(corpus + "/hostile-*")
	if err != nil || len(corpus) < 15 {
		t.Fatalf("%d hostile files in testdata, %v", len(corpus), err)
	}
	for _, path := range corpus {
		files[filepath.Base(path)] = path
	}
	program := decoder(t)
	for name, path := range files {
		for reader, small := range map[string]string{"full": "", "small": "1"} {
			t.Run(name+"/"+reader, func(t *testing.T) {
				t.Parallel() // processor time is measured, not the clock
				got, spent := measure(t, program, path, small)
				t.Logf("%v of processor time, %d KiB, %s", spent, got.Memory>>10, got.Outcome)
				if spent > allowedTime {
					t.Errorf("took %v of processor time, allowed is %v", spent, allowedTime)
				}
				if got.Memory > allowedMemory {
					t.Errorf("took %d KiB of memory, allowed is %d", got.Memory>>10, allowedMemory>>10)
				}
			})
		}
	}
}

func TestCreationTimesThatNoCalendarHasAreLeftOut(t *testing.T) {
	for ms, want := range map[int64]string{0: "1970-01-01T00:00:00Z", 253402300799999: "9999-12-31T23:59:59Z",
		253402300800000: "0001-01-01T00:00:00Z", math.MaxInt64: "0001-01-01T00:00:00Z", math.MinInt64: "0001-01-01T00:00:00Z"} {
		if got := created(ms).Format(time.RFC3339); got != want {
			t.Errorf("%d ms: %s, want %s", ms, got, want)
		}
	}
}
