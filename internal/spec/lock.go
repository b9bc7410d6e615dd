package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// LockName is the name of the lock inside a project.
const LockName = "failover.lock"

// Lock is what failover.lock keeps: what the bundles said, and what was made
// from it. Nothing in it is secret, and nothing depends on the machine, the
// place or the time. A bundle's own digest is not in it, since the bundle
// holds passwords that could be guessed from a digest.
type Lock struct {
	Version int `json:"version"`
	// Spec is Spec.Digest of the failover.yaml from which the project was made.
	Spec string `json:"spec"`
	// Templates is the digest of everything that projects of this kind are made of.
	Templates string `json:"templates"`
	// Module is the module path of the project. Locks written before November 2026
	// lack it.
	Module   string        `json:"module,omitempty"`
	Clusters []LockCluster `json:"clusters,omitempty"`
	// Webservice is nil for projects of other kinds.
	Webservice *LockWebservice `json:"webservice,omitempty"`
	Files      []LockFile      `json:"files"`

	text []byte // from which it was parsed
}

// Text returns the text from which ParseLock made l.
func (l *Lock) Text() []byte { return l.text }

// LockCluster is what a bundle said, before any override. It is enough to make
// the project again where the bundle is not there.
type LockCluster struct {
	// Bundle is the path of the bundle as failover.yaml named it.
	Bundle string `json:"bundle,omitempty"`
	// Entry is the number of the cluster in the bundle's ordered list, 0 for none.
	Entry        int        `json:"entry,omitempty"`
	Name         string     `json:"name,omitempty"`
	DiscoveryURL string     `json:"discoveryURL,omitempty"`
	Addresses    []string   `json:"addresses,omitempty"`
	Username     string     `json:"username,omitempty"`
	Keystore     *LockStore `json:"keystore,omitempty"`
	Truststore   *LockStore `json:"truststore,omitempty"`
	// CA, Cert and Key are PEM files in place of stores. The digest of a key tells
	// nothing of it, nor of its password.
	CA   *LockStore `json:"ca,omitempty"`
	Cert *LockStore `json:"cert,omitempty"`
	Key  *LockStore `json:"key,omitempty"`
	// ServerName is what the bundle says that the members' certificates must hold.
	ServerName string `json:"serverName,omitempty"`
	// TLS is TLSOff where the bundle declares that there is none, and TLSOn where it
	// turns TLS on and leaves files out on purpose.
	TLS string `json:"tls,omitempty"`
	// Secrets names the secrets that the cluster has, such as TOKEN, and not what
	// they are. It is nil in locks written before November 2026.
	Secrets []string `json:"secrets"`
}

// LockStore is a keystore or truststore of a bundle.
type LockStore struct {
	Path   string `json:"path"` // inside the bundle
	SHA256 string `json:"sha256"`
	// FullReader says that only the full reader of keystores opens it.
	FullReader bool `json:"fullReader,omitempty"`
}

// LockFile is a file of the project. The digest, in lower-case hex, is that of what
// failover-gen made of it, and not of what is on the disk.
type LockFile struct {
	Path   string `json:"path"`
	Owner  string `json:"owner"`
	SHA256 string `json:"sha256,omitempty"`
}

// Marshal returns the text of failover.lock.
func (l *Lock) Marshal() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(l) // cannot fail: the types above hold nothing that JSON cannot
	return b.Bytes()
}

// Digest returns the recorded digest of the file at path and whether there is one.
func (l *Lock) Digest(path string) (string, bool) {
	for _, f := range l.Files {
		if f.Path == path && f.SHA256 != "" {
			return f.SHA256, true
		}
	}
	return "", false
}

// LoadLock reads the failover.lock at path.
func LoadLock(path string) (*Lock, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return ParseLock(path, data)
}

// ParseLock reads data as LoadLock does; path is how faults name the file.
func ParseLock(path string, data []byte) (*Lock, error) {
	var l Lock
	if err := json.Unmarshal(data, &l); err != nil {
		return nil, damaged(path, data, err)
	}
	if l.Version != Version {
		return nil, fault.New(fault.Input, fault.In(path),
			fmt.Sprintf("version %d of this file is not known", l.Version),
			"use the failover-gen that wrote it, or a newer one")
	}
	l.text = data
	return &l, nil
}

// damaged says why the text of a lock cannot be read, where json.Unmarshal gave err.
func damaged(path string, data []byte, err error) *fault.Fault {
	dir := filepath.ToSlash(filepath.Dir(path))
	f := fault.Wrap(fault.Input, fault.In(path), "is damaged", "take it from version control again, or remove it and run generate "+dir+" --force", err)
	var syntax *json.SyntaxError
	var mistyped *json.UnmarshalTypeError
	switch {
	case bytes.HasPrefix(data, []byte(conflictMark)) || bytes.Contains(data, []byte("\n"+conflictMark)):
		before, _, _ := bytes.Cut(append([]byte("\n"), data...), []byte("\n"+conflictMark))
		f.Line, f.Column = max(1, 1+bytes.Count(before, []byte("\n"))), 1
		f.Cause, f.Remedy = "holds a conflict of version control", "keep one side as it was, then run generate "+dir
	case errors.As(err, &syntax) && int(syntax.Offset) >= len(data):
		f.Cause += ": its end is missing"
		f.Line, f.Column = position(data, len(data))
	case errors.As(err, &syntax):
		f.Cause += ": this is not JSON from here on"
		f.Line, f.Column = position(data, int(syntax.Offset))
	case errors.As(err, &mistyped):
		f.Cause += fmt.Sprintf(": a %s does not belong here", mistyped.Value)
		f.Line, f.Column = position(data, int(mistyped.Offset))
	}
	return f
}

// conflictMark begins a line where version control could not merge.
const conflictMark = "<<<<<<< "

// position gives line and column, from 1, of the byte before offset.
func position(data []byte, offset int) (line, column int) {
	before := data[:max(0, min(offset, len(data))-1)]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}
