// Command makestores makes the keystores of golden's cases. It uses keytool and
// openssl, so that they are what users have. Run it in the root of the repository with
// go run ./golden/makestores. Keys are fresh each time: record all cases that show
// a fingerprint again afterwards. No test runs it.
//
// To keep the cases fast, all stores but two ask for a single iteration of key
// derivation. All certificates that keytool makes but one are valid for a century
// from 2026 on.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/storefile"
)

const (
	folder  = "golden/testdata/stores"
	start   = "2026/01/01 00:00:00"
	century = "36525" // days
)

// The console's iteration count, and as few as there can be.
const (
	console = "100000"
	one     = "1"
)

// maker makes the two stores of one cluster.
type maker struct {
	cluster, password string
	days              string // that the client's certificate is valid for
	flags             []string
}

// legacy is the encryption of the console's stores. It does not use the property
// keystore.pkcs12.legacy, which sets iteration counts as well.
func legacy(iterations string) []string {
	return append([]string{"-storetype", "PKCS12", "-J-Dkeystore.pkcs12.keyProtectionAlgorithm=PBEWithSHA1AndDESede",
		"-J-Dkeystore.pkcs12.certProtectionAlgorithm=PBEWithSHA1AndRC2_40", "-J-Dkeystore.pkcs12.macAlgorithm=HmacPBESHA1"}, counts(iterations)...)
}

func counts(iterations string) []string {
	var flags []string
	for _, count := range []string{"keyPbe", "certPbe", "mac"} {
		flags = append(flags, "-J-Dkeystore.pkcs12."+count+"IterationCount="+iterations)
	}
	return flags
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "makestores:", err)
		os.Exit(1)
	}
}

func run() error {
	modern := append([]string{"-storetype", "PKCS12"}, counts(one)...)
	for _, m := range []maker{
		{"pr-1234", "1a2b3c4d5e6", century, legacy(one)},
		{"pr-5678", "6f7a8b9c0d1", century, modern},
		{"pr-9012", "2e3f4a5b6c7", century, []string{"-storetype", "JKS"}},
		{"console", "1a2b3c4d5e6", century, legacy(console)},
		{"odd-password", `it's $HOME "x" \n #y`, century, modern},
		{"ends-soon", "1a2b3c4d5e6", "337", modern}, // 2026-12-04
	} {
		if err := m.make(); err != nil {
			return err
		}
	}
	for _, one := range []func() error{func() error { return severalKeys(modern) }, passwordless, bouncyCastle, mismatched, pemFiles} {
		if err := one(); err != nil {
			return err
		}
	}
	return nil
}

// passwordless makes the truststore of pr-5678 as JDKs since 18 write cacerts:
// without MAC and encryption. keytool asks for a password all the same.
func passwordless() error {
	m := maker{"passwordless", "6f7a8b9c0d1", century, []string{"-storetype", "PKCS12",
		"-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE", "-J-Dkeystore.pkcs12.macAlgorithm=NONE"}}
	ca, name := filepath.Join(os.TempDir(), "makestores-passwordless.der"), filepath.Join(folder, "passwordless.truststore")
	defer os.Remove(ca)
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := m.keytool("-exportcert", "-alias", "ca", "-file", ca, "-keystore", filepath.Join(folder, "pr-5678.truststore")); err != nil {
		return err
	}
	return m.keytool("-importcert", "-noprompt", "-alias", "ca", "-file", ca, "-keystore", name)
}

// bouncyCastle copies a keystore that Bouncy Castle wrote, in BER.
func bouncyCastle() error {
	data, err := os.ReadFile("keystore/testdata/p12-bouncy-der.keystore")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "bouncy-castle.keystore"), data, 0o644)
}

// make makes an authority that signs the client's certificate. The truststore has it.
func (m maker) make() error {
	key, trust := filepath.Join(folder, m.cluster+".keystore"), filepath.Join(folder, m.cluster+".truststore")
	ca := filepath.Join(os.TempDir(), "makestores-"+m.cluster+".der")
	defer os.Remove(ca)
	for _, old := range []string{key, trust} {
		if err := os.Remove(old); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	pair := []string{"-genkeypair", "-keyalg", "RSA", "-keysize", "2048", "-sigalg", "SHA256withRSA", "-startdate", start, "-keystore", key}
	for _, args := range [][]string{
		append(pair, "-alias", "ca", "-dname", "CN="+m.cluster+" authority", "-validity", century, "-ext", "bc:c", "-ext", "ku:c=keyCertSign"),
		append(pair, "-alias", "client", "-dname", "CN="+m.cluster+" client", "-validity", m.days, "-signer", "ca", "-ext", "eku=clientAuth"),
		{"-exportcert", "-alias", "ca", "-file", ca, "-keystore", key},
		{"-delete", "-alias", "ca", "-keystore", key},
		{"-importcert", "-noprompt", "-alias", "ca", "-file", ca, "-keystore", trust},
	} {
		if err := m.keytool(args...); err != nil {
			return err
		}
	}
	return nil
}

func (m maker) keytool(args ...string) error {
	cmd := exec.Command("keytool", append(append(args, "-storepass", m.password), m.flags...)...)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("keytool %s: %w\n%s", args[0], err, out)
	}
	return nil
}

// severalKeys makes a keystore with two keys, of which the user must choose one.
func severalKeys(flags []string) error {
	m := maker{"several-keys", "1a2b3c4d5e6", century, flags}
	name := filepath.Join(folder, "several-keys.keystore")
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return err
	}
	for _, alias := range []string{"orders", "invoices"} {
		if err := m.keytool("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-sigalg", "SHA256withECDSA", "-startdate", start,
			"-keystore", name, "-alias", alias, "-dname", "CN="+alias+" client", "-validity", century); err != nil {
			return err
		}
	}
	return nil
}

// mismatched makes a keystore whose certificate belongs to another key, which
// keytool refuses to do.
func mismatched() error {
	const password = "1a2b3c4d5e6"
	data, err := storefile.ReadFile(filepath.Join(folder, "pr-1234.keystore"))
	if err != nil {
		return err
	}
	store, err := storefile.Decode(data, password, "")
	if err != nil {
		return err
	}
	key, err := pki.EC()
	if err != nil {
		return err
	}
	chain := store.Entries[0].Chain
	if data, err = pki.Quick.Keystore("", password, &pki.Pair{Cert: chain[0], Key: key}, chain[1:]...); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "mismatched.keystore"), data, 0o644)
}
