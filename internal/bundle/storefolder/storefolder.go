// Package storefolder reads a folder that holds a client's stores and nothing else, as
// the console's "Advanced" download does: client.keystore and client.truststore, the
// same under other usual names, or ca.pem, cert.pem and key.pem. No file says to
// which cluster they belong: its name, its token and the passwords are for the user to
// give.
//
// It goes by names alone. What a file holds is the business of other packages.
package storefolder

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Reader is what package bundle lists among its readers.
var Reader = said.Reader{
	Form: "keystore", Noun: "folder of stores", Looked: "a folder with client.keystore and client.truststore alone",
	Source: limit, Beside: func(string) int64 { return listed }, Read: Read,
	Alone: true, Partial: true,
}

// maxFile is the largest store that makes a folder one of stores, in bytes.
const maxFile = 1 << 20

// listed makes the reader see every other file, without its content.
const listed = 1

func limit(name string) int64 {
	if kindOf(name) == "" {
		return 0
	}
	return maxFile
}

// The kinds of files that are known by their names.
const (
	keystore   = "keystore"
	truststore = "truststore"
	ca         = "CA file"
	cert       = "certificate file"
	key        = "key file"
)

// pemNames are the names of PEM files, in lower case.
var pemNames = map[string]string{
	"ca.pem": ca, "ca.crt": ca, "ca-cert.pem": ca, "cacert.pem": ca,
	"cert.pem": cert, "client.crt": cert, "client-cert.pem": cert, "client.cert.pem": cert, "client.pem": cert,
	"key.pem": key, "client.key": key, "client-key.pem": key, "client.key.pem": key,
}

func kindOf(name string) string {
	base := strings.ToLower(path.Base(name))
	if kind := pemNames[base]; kind != "" {
		return kind
	}
	switch path.Ext(base) {
	case ".truststore":
		return truststore
	case ".keystore", ".jks", ".p12", ".pfx":
		if strings.Contains(base, "trust") || base == "cacerts.jks" {
			return truststore
		}
		return keystore
	}
	return ""
}

// isProse reports whether a file is for people. Any other file beside the stores is
// perhaps a source in a language that no reader knows.
func isProse(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".txt", ".md", ".pdf", ".html":
		return true
	}
	return strings.EqualFold(name, "readme") || strings.EqualFold(name, "license")
}

// Read takes the stores for those of one client. Keystores win over PEM files.
func Read(files []said.File) ([]said.Candidate, fault.List) {
	s := search{byKind: make(map[string][]said.File)}
	for _, f := range files {
		if kind := kindOf(f.Path); kind != "" {
			s.byKind[kind] = append(s.byKind[kind], f)
		} else if !isProse(f.Path) {
			return nil, nil
		}
	}
	var c said.Config
	if len(s.byKind[keystore])+len(s.byKind[truststore]) > 0 {
		c.TLS.Keystore, c.TLS.Truststore = s.store(keystore), s.store(truststore)
	} else {
		c.TLS.CA, c.TLS.Cert, c.TLS.Key = s.store(ca), s.store(cert), s.store(key)
	}
	if len(s.faults) > 0 {
		return nil, s.faults
	}
	for _, store := range c.TLS.Stores() {
		if c.At.File == "" {
			c.At = store.File.At
		}
	}
	if c.At.File == "" {
		return nil, nil
	}
	return []said.Candidate{{Configs: []said.Config{c}}}, nil
}

type search struct {
	byKind map[string][]said.File
	faults fault.List
}

// store gives the one file of a kind. The console's client.pfx is the same as the
// client.keystore beside it.
func (s *search) store(kind string) said.Store {
	list := s.byKind[kind]
	if kind == keystore && len(list) > 1 {
		slices.SortStableFunc(list, func(a, b said.File) int { return cmp.Compare(rank(a.Path), rank(b.Path)) })
		if rank(list[0].Path) == 0 && rank(list[1].Path) > 0 {
			list = list[:1]
		}
	}
	switch len(list) {
	case 0:
		return said.Store{}
	case 1:
		return said.Store{File: said.Of(list[0].Path, fault.In(list[0].Name))}
	}
	s.faults = append(s.faults, fault.New(fault.Input, fault.In(list[1].Name),
		"this is a second "+kind+" beside "+list[0].Name+", and nothing says which one is meant",
		"give a folder with the files of one cluster: one keystore and one truststore, or ca.pem, cert.pem and key.pem"))
	return said.Store{}
}

func rank(name string) int {
	if strings.EqualFold(path.Ext(name), ".pfx") {
		return 1
	}
	return 0
}
