package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/inspect"
	"github.com/failover-gen/failover-gen/internal/storefile"
	"github.com/failover-gen/failover-gen/internal/wizard"
)

// inspectReport is what inspect says with --json.
type inspectReport struct {
	Bundles []inspect.Report `json:"bundles"`
}

// inspectFlags are the flags of inspect.
type inspectFlags struct {
	strict        bool
	expiresWithin string
}

func (a *app) inspect() verb {
	var f inspectFlags
	report := &inspectReport{Bundles: []inspect.Report{}}
	cmd := &cobra.Command{
		Use:   "inspect BUNDLE ...",
		Short: "Say what client bundles and keystores hold, and warn of what is unusual",
		Long: "Say what client bundles and keystores hold: cluster, discovery, keys, certificates, expiry, faults; never a secret.\n" +
			"A bundle is a .zip, a .tar.gz, a directory unpacked from one, or the .java file that sets up the client.\n" +
			"The Spring or Blueprint file of a web service's client is described too: its registry, and what has no effect.\n" +
			"The passwords of a single keystore, or of a folder of them, are taken from FAILOVER_STORE_PASSWORD and FAILOVER_KEY_PASSWORD (default: the\n" +
			"store's), each also as ..._FILE, or asked for on a terminal.",
		Example: "  failover-gen inspect primary.zip secondary.zip\n" +
			"  failover-gen inspect --strict --expires-within 60d --quiet primary.zip\n  FAILOVER_STORE_PASSWORD_FILE=pass.txt failover-gen inspect client.keystore",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("missing: a bundle or keystore to inspect")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			within, err := lengthOfTime(f.expiresWithin)
			if err != nil {
				return err
			}
			reports, errs := make([]inspect.Report, len(args)), make([]error, len(args))
			for i, arg := range args {
				if cmd.Context().Err() != nil {
					return cmd.Context().Err()
				}
				reports[i], errs[i] = a.inspectOne(cmd.Context(), arg, inspect.Options{Now: a.Now(), ExpiresWithin: within})
			}
			inspect.Together(reports)
			var faults fault.List
			for i, r := range reports {
				faults = append(faults, fault.All(errs[i])...)
				if f.strict {
					faults = append(faults, r.Findings()...)
				}
				if r.Path != "" { // otherwise nothing could be read
					report.Bundles = append(report.Bundles, r)
					a.printReport(r.Text())
				}
			}
			return faults.ErrOrNil()
		},
	}
	cmd.Flags().BoolVar(&f.strict, "strict", false, "treat every warning as an error: exit 1")
	cmd.Flags().StringVar(&f.expiresWithin, "expires-within", "30d", "warn of certificates that end within this `TIME`, as in 30d or 12h")
	return verb{cmd, report}
}

// lengthOfTime reads --expires-within: days, as in 30d, or what time.ParseDuration
// reads.
func lengthOfTime(text string) (time.Duration, error) {
	const day, most = 24 * time.Hour, 36500
	if number, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(number, 10, 64); err == nil && n <= most {
			return time.Duration(n) * day, nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d >= 0 && d <= most*day {
		return d, nil
	}
	return 0, fault.New(fault.Input, fault.Position{},
		fmt.Sprintf("--expires-within %s: is not a length of time from 0 to %dd", text, most),
		"write it like 30d or 12h")
}

// inspectOne reports on a bundle or, by its content, on a single keystore.
func (a *app) inspectOne(ctx context.Context, path string, o inspect.Options) (inspect.Report, error) {
	if !looksLikeStore(path) {
		b, err := a.readBundle(path)
		if err != nil {
			return inspect.Report{}, err
		}
		return inspect.Bundle(b, o)
	}
	name := filepath.ToSlash(path)
	data, err := storefile.ReadFile(path)
	var refused *storefile.Error
	if errors.As(err, &refused) {
		return inspect.Report{}, fault.Wrap(fault.Input, fault.In(name), refused.Cause, refused.Remedy, err)
	}
	if err != nil {
		return inspect.Report{}, err
	}
	store := ""
	if storefile.NeedsPassword(data) {
		if store, err = a.storePassword(ctx, name); err != nil {
			return inspect.Report{}, err
		}
	}
	key, _, err := a.secret("FAILOVER_KEY_PASSWORD")
	if err != nil {
		return inspect.Report{}, err
	}
	return inspect.Keystore(name, data, store, key, o)
}

// readBundle reads a bundle. Where that lacks the password of a store, it takes those of
// a first cluster, or that of a single keystore, from the environment.
func (a *app) readBundle(path string) (*bundle.Bundle, error) {
	b, err := bundle.Read(path)
	lacking := new(bundle.NoPassword)
	if !errors.As(err, &lacking) {
		return b, err
	}
	given, wrong := a.passwordsOf(1)
	if wrong != nil {
		return nil, wrong
	}
	store, found, wrong := a.secret("FAILOVER_STORE_PASSWORD")
	if wrong != nil {
		return nil, wrong
	}
	if found {
		of := bundle.NewSecret(store, fault.In("FAILOVER_STORE_PASSWORD"))
		given.Keystore, given.Truststore = of, of
	}
	return bundle.ReadWith(path, bundle.Overrides{Passwords: []bundle.Passwords{given}})
}

// printReport prints a report with its warnings marked.
func (a *app) printReport(text string) {
	before, warnings, found := strings.Cut(text, "\n"+inspect.WarningsLine+"\n")
	a.print(before)
	if found {
		a.say("%s", a.colour("33", inspect.WarningsLine))
		a.print(warnings)
	}
}

// looksLikeStore reports whether path is a file that looks like a keystore and not
// like a bundle.
func looksLikeStore(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4)
	n, _ := io.ReadFull(f, head)
	for _, magic := range []string{"\x30", "\xfe\xed\xfe\xed", "\xce\xce\xce\xce"} {
		if bytes.HasPrefix(head[:n], []byte(magic)) {
			return true
		}
	}
	switch strings.ToLower(filepath.Ext(path)) { // a damaged one is best described as a keystore
	case ".keystore", ".truststore", ".jks", ".p12", ".pfx":
		return true
	}
	return false
}

// storePassword takes the password of a store from the environment or asks for it.
func (a *app) storePassword(ctx context.Context, name string) (string, error) {
	password, given, err := a.secret("FAILOVER_STORE_PASSWORD")
	if given || err != nil {
		return password, err
	}
	in, ok := a.Stdin.(*os.File)
	if !ok || !isTerminal(a.Stdin) || !isTerminal(a.Stderr) {
		return "", fault.New(fault.Input, fault.In(name),
			"the password of this store is not known, and there is no terminal to ask on",
			"set FAILOVER_STORE_PASSWORD or FAILOVER_STORE_PASSWORD_FILE")
	}
	typed, err := wizard.Secret(ctx, in, func() { _, _ = io.WriteString(a.Stderr, "Password of "+oneLine(name)+": ") })
	_, _ = io.WriteString(a.Stderr, "\n")
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, wizard.ErrLeft):
		a.leave()
		return "", err
	case err != nil:
		return "", fault.Wrap(fault.Input, fault.In(name), "no password was typed", "set FAILOVER_STORE_PASSWORD_FILE", err)
	}
	return typed, nil
}

// maxSecretFile bounds a file that holds a password, in bytes.
const maxSecretFile = 64 << 10

// secret reads a variable, or the file that the variable NAME_FILE names. A
// variable that is set but empty is given: Java allows an empty password.
func (a *app) secret(variable string) (value string, given bool, err error) {
	value, given = a.LookupEnv(variable)
	path := a.Getenv(variable + "_FILE")
	switch {
	case value != "" && path != "":
		return "", false, fault.New(fault.Input, fault.Position{}, variable+" and "+variable+"_FILE are both set", "keep one")
	case path == "":
		return value, given, nil
	}
	f, err := os.Open(path)
	var data []byte
	if err == nil {
		defer f.Close()
		data, err = io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	}
	switch {
	case err != nil:
		return "", false, fault.Wrap(fault.Input, fault.In(path), variable+"_FILE cannot be read", "check the path and its permissions", err)
	case len(data) > maxSecretFile:
		return "", false, fault.New(fault.Input, fault.In(path),
			variable+"_FILE names a file of more than 64 KiB",
			"name the file that holds the password and nothing else")
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), true, nil
}
