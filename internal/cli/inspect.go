package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/inspect"
	"github.com/failover-gen/failover-gen/keystore"
)

// inspectReport is what inspect says with --json.
type inspectReport struct {
	Bundles []inspect.Report `json:"bundles"`
}

func (a *app) inspect() verb {
	report := &inspectReport{Bundles: []inspect.Report{}}
	cmd := &cobra.Command{
		Use:   "inspect BUNDLE ...",
		Short: "Say what client bundles and keystores hold, and what is odd about them",
		Long: "Say what client bundles and keystores hold: cluster, discovery, keys, certificates, expiry, faults; never a secret.\n" +
			"The passwords of a single keystore are taken from FAILOVER_STORE_PASSWORD and FAILOVER_KEY_PASSWORD (default: the\n" +
			"store's), each also as ..._FILE, or asked for on a terminal.",
		Example: "  failover-gen inspect primary.zip secondary.zip\n  FAILOVER_STORE_PASSWORD_FILE=pass.txt failover-gen inspect client.keystore",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("missing: a bundle or keystore to inspect")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var faults fault.List
			for _, arg := range args {
				if cmd.Context().Err() != nil {
					return cmd.Context().Err()
				}
				r, err := a.inspectOne(arg)
				faults = append(faults, fault.All(err)...)
				if r.Path != "" {
					report.Bundles = append(report.Bundles, r)
					a.print(r.Text())
				}
			}
			return faults.ErrOrNil()
		},
	}
	return verb{cmd, report}
}

// inspectOne reports on a bundle or, by its content, on a single keystore.
func (a *app) inspectOne(path string) (inspect.Report, error) {
	if !looksLikeStore(path) {
		b, err := bundle.Read(path)
		if err != nil {
			return inspect.Report{}, err
		}
		return inspect.Bundle(b, a.Now())
	}
	name := filepath.ToSlash(path)
	data, err := keystore.ReadFile(path)
	var refused *keystore.Error
	if errors.As(err, &refused) {
		return inspect.Report{}, &fault.Fault{Kind: fault.Input, File: name, Cause: refused.Cause, Remedy: refused.Remedy, Err: err}
	}
	if err != nil {
		return inspect.Report{}, err
	}
	store, err := a.storePassword(name)
	if err != nil {
		return inspect.Report{}, err
	}
	key, _, err := a.secret("FAILOVER_KEY_PASSWORD")
	if err != nil {
		return inspect.Report{}, err
	}
	return inspect.Keystore(name, data, store, key, a.Now())
}

// looksLikeStore reports whether path is a file that is no archive: then it is
// for keystore to say what it is.
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
	switch strings.ToLower(filepath.Ext(path)) { // damaged ones are best told so
	case ".keystore", ".truststore", ".jks", ".p12", ".pfx":
		return true
	}
	return false
}

// storePassword takes the password of a store from the environment or asks for it.
func (a *app) storePassword(name string) (string, error) {
	password, given, err := a.secret("FAILOVER_STORE_PASSWORD")
	if given || err != nil {
		return password, err
	}
	in, ok := a.Stdin.(*os.File)
	if !ok || !isTerminal(a.Stdin) || !isTerminal(a.Stderr) {
		return "", &fault.Fault{Kind: fault.Input, File: name, Cause: "the password of this store is not known, and there is no terminal to ask on",
			Remedy: "set FAILOVER_STORE_PASSWORD or FAILOVER_STORE_PASSWORD_FILE"}
	}
	_, _ = io.WriteString(a.Stderr, "Password of "+oneLine(name)+": ")
	typed, err := term.ReadPassword(int(in.Fd()))
	_, _ = io.WriteString(a.Stderr, "\n")
	if err != nil {
		return "", &fault.Fault{Kind: fault.Input, File: name, Cause: "no password was typed", Remedy: "set FAILOVER_STORE_PASSWORD_FILE", Err: err}
	}
	return string(typed), nil
}

// secret reads a variable, or the file that the variable NAME_FILE names.
func (a *app) secret(variable string) (value string, given bool, err error) {
	value, path := a.Getenv(variable), a.Getenv(variable+"_FILE")
	switch {
	case value != "" && path != "":
		return "", false, &fault.Fault{Kind: fault.Input, Cause: variable + " and " + variable + "_FILE are both set", Remedy: "keep one"}
	case path == "":
		return value, value != "", nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", false, &fault.Fault{Kind: fault.Input, File: path, Cause: variable + "_FILE cannot be read", Remedy: "check the path and its permissions", Err: err}
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), true, nil
}
