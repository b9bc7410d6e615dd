// Package tree makes a folder hold the files of a project. It compares what is
// wanted with what is there (Plan), and writes the difference in one step that a
// kill cannot break (Apply). It knows who owns a file: what the user wrote,
// renewed or removed is never taken away and never brought back.
//
// The package does not know what is in the files, but for go.mod, go.sum and .env,
// whose lines it merges. It decides nothing about clusters and prints nothing.
package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
)

// Owner says who has the last word on a file.
type Owner string

const (
	// Generated files are ours. They are replaced unless they were edited.
	Generated Owner = "generated"
	// Scaffolded files are the user's. They are written once and never touched again.
	Scaffolded Owner = "scaffolded"
	// Merged files are shared. Our requirements are raised, the user's lines stay.
	Merged Owner = "merged"
	// Secret files come from the bundles and are kept out of version control.
	Secret Owner = "secret"
)

// File is one file that a project shall have.
type File struct {
	Path  string // slash-separated, inside the project
	Data  []byte
	Mode  fs.FileMode
	Owner Owner // not Secret: see Want.Secrets
}

// Dotenv is the file that holds the secrets that are texts.
const Dotenv = ".env"

// Value is one secret that a project shall have: a file, or a key of Dotenv.
type Value struct {
	Path string // of the file, slash-separated; Dotenv for a key
	Key  string // of Dotenv; empty for a file
	Data []byte
	// Group names the values that only work together, such as a keystore and its
	// password: either all of them are replaced or none.
	Group string
	// Unknown says that there is no source to take Data from. What is in the
	// project then stays as it is.
	Unknown bool
	// LastSHA256 is the digest of what was written here last, if the lock tells;
	// what Memory remembers counts first. In lower-case hex.
	LastSHA256 string
}

// Moves says how the secrets of a project change their names, because what they
// belong to has changed places.
type Moves struct {
	Keys  map[string]string // prefix of keys in Dotenv: old to new
	Paths map[string]string // of files: old to new
	Gone  []Gone
}

// Gone is something whose secrets are no longer used. They are not taken away.
type Gone struct {
	Name   string // as users know it
	Prefix string // of its keys in Dotenv
	Paths  []string
}

// Recorded is a file that the project had when its lock was written.
type Recorded struct {
	Path   string
	Owner  Owner
	SHA256 string // in lower-case hex; empty where none is kept
}

// Want is everything that a project shall be.
type Want struct {
	Files   []File
	Secrets []Value
	Moves   Moves

	// Spec and Lock are the paths of two of Files: the one by which a project is
	// known as ours, which is written first, and the one by which it is known as
	// complete, which is written last.
	Spec, Lock string
	// LockText is the content of Lock from which Recorded comes; nil if there was none.
	LockText []byte
	Recorded []Recorded
	// Take lists the scaffolded files that the user wants as their templates are now.
	Take []string
	// Module is the project's module path, WasModule that of LockText; "" if unknown.
	Module, WasModule string
	// Around is the module that the folder lies in; nil where it is one of its own.
	Around *Around
}

// Around is an existing module whose go.mod and go.sum shall have what a package
// in it needs. They lie outside of the folder that Want is about.
type Around struct {
	Root  string // the folder of go.mod
	Up    string // the way from the package to Root, like "../.."
	Files []File // Merged, with paths below Root
}

// Action is what happens to a file.
type Action string

const (
	Create   Action = "create"
	Update   Action = "update"
	Keep     Action = "keep"
	Remove   Action = "remove"
	Absent   Action = "absent"   // it is not there, and stays away
	Conflict Action = "conflict" // it is kept, and NAME.new is put beside it
)

// FileReport is one line of a Report.
type FileReport struct {
	Path   string `json:"path"`
	Action Action `json:"action"`
	Owner  Owner  `json:"owner"`
	Reason string `json:"reason,omitempty"`
	// Told says that a user wants to read of the file although nothing is done to it.
	Told bool `json:"-"`
}

// Report says what was done, or with a dry run what would be done, in order of path.
type Report struct{ Files []FileReport }

// Changed reports whether anything was, or would be, written or removed.
func (r Report) Changed() bool {
	for _, f := range r.Files {
		if f.Action != Keep && f.Action != Absent {
			return true
		}
	}
	return false
}

// newSuffix ends the name under which a file is put beside one that stays.
const newSuffix = ".new"

// Digest returns the SHA-256 of data in lower-case hex.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
