// Package place puts keystores where a project expects them. The stores of the
// primary are client.*, those of the n-th cluster clientN.*, as in the tutorial.
// Files are copied byte for byte and can be read by their owner only. The package
// refuses to write through a symbolic link, and never opens a keystore.
package place

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
)

// Names returns the file names of the n-th cluster's stores, n counted from 1.
func Names(n int) (keystore, truststore string) {
	return of(n) + ".keystore", of(n) + ".truststore"
}

// PEMNames returns the names of the n-th cluster's PEM files in place of stores: what
// is trusted, the client's chain, and its key.
func PEMNames(n int) (ca, cert, key string) {
	return of(n) + ".ca.pem", of(n) + ".cert.pem", of(n) + ".key.pem"
}

// of is what the names of the n-th cluster's files begin with.
func of(n int) string {
	if n == 1 {
		return "client"
	}
	return "client" + strconv.Itoa(n)
}

// ErrNotRegular is the cause in an error of Write if the name, or a folder in it,
// is a link, or if the name is not that of a regular file.
var ErrNotRegular = errors.New("not a regular file")

// Write gives the file name in root this content and mode 0600, whatever the umask,
// and reports whether it changed anything. The name is a slash-separated path, and
// its folder must exist. A reader sees the old file or the new one, never a part.
func Write(root *os.Root, name string, data []byte) (changed bool, err error) {
	same, err := holds(root, name, data)
	if same || err != nil {
		return false, err
	}
	temporary := name + "." + strings.ToLower(rand.Text()) + ".tmp"
	if err := create(root, temporary, data); err != nil {
		return false, errors.Join(err, ignoreMissing(root.Remove(temporary)))
	}
	if err := root.Rename(temporary, name); err != nil {
		return false, errors.Join(err, root.Remove(temporary))
	}
	return true, syncFolder(root, path.Dir(name))
}

// holds reports whether the file already is what Write would make of it. It returns
// an error for what Write must not replace.
func holds(root *os.Root, name string, data []byte) (bool, error) {
	for folder := path.Dir(name); folder != "." && folder != "/"; folder = path.Dir(folder) {
		if info, err := root.Lstat(folder); err == nil && !info.IsDir() {
			return false, fmt.Errorf("%s: %w", folder, ErrNotRegular)
		}
	}
	info, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, fmt.Errorf("%s: %w", name, ErrNotRegular)
	}
	if info.Mode().Perm() != 0o600 || info.Size() != int64(len(data)) {
		return false, nil
	}
	old, err := root.ReadFile(name)
	return err == nil && bytes.Equal(old, data), err
}

func create(root *os.Root, name string, data []byte) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Chmod(0o600), file.Sync(), file.Close())
}

// syncFolder writes the rename to the disk. It ignores a failed sync, which not
// every system can do for a folder: the file is in place by then.
func syncFolder(root *os.Root, name string) error {
	folder, err := root.Open(name)
	if err != nil {
		return err
	}
	_ = folder.Sync()
	return folder.Close()
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
