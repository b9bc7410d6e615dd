// Package kubernetes reads what a Kubernetes Secret says of a cluster's client: the
// manifest of a Secret in YAML or JSON, or the folder in which a pod has it mounted.
// It knows the keys of cert-manager and of the Hazelcast operator (tls.crt, tls.key,
// ca.crt), stores under their usual names, the passwords of those, and the few keys
// under which people keep a cluster's name, token, url and addresses. Those may also
// stand in a ConfigMap beside the Secret.
//
// It asks no API server. A value that is only in one (a sealed or external secret)
// is refused. What two Secrets say differently is refused too: a manifest has no
// order of preference.
package kubernetes

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// form is how reports name both readers.
const form = "kubernetes"

// maxSource is the largest manifest that is read, in bytes. Kubernetes allows a
// Secret of 1 MiB, which base64 makes a third longer.
const maxSource = 2 << 20

// maxText is the largest file of a mounted folder that is read as a text, in bytes.
const maxText = 64 << 10

var spelling = said.Spelling{
	Name: "cluster-name", Token: "discovery-token",
	KeystorePassword: "keystore-password", TruststorePassword: "truststore-password",
}

// Reader reads manifests.
var Reader = said.Reader{
	Form: form, Noun: "Kubernetes manifest", Looked: "the .yaml of a Kubernetes Secret with tls.crt or keystore.jks",
	Source: manifestLimit, Mentions: mentions, Beside: func(string) int64 { return 0 }, Read: readManifests,
	Spelling: spelling, Partial: true,
}

// FolderReader reads the folder in which a Secret is mounted.
var FolderReader = said.Reader{
	Form: form, Noun: "mounted Secret", Looked: "the mounted folder of one",
	Source: mountedLimit, Beside: besideMounted, Read: readFolder,
	Spelling: spelling, Partial: true, Alone: true,
}

func manifestLimit(name string) int64 {
	switch base := strings.ToLower(path.Base(name)); path.Ext(base) {
	case ".yaml", ".yml":
		return maxSource
	case ".json":
		if strings.HasPrefix(base, "package") || strings.HasPrefix(base, "tsconfig") {
			return 0
		}
		return maxSource
	}
	return 0
}

// mentions reports whether a file can be a manifest of one of the kinds that are read.
func mentions(data []byte) bool {
	return bytes.Contains(data, []byte("kind")) && (bytes.Contains(data, []byte("Secret")) || bytes.Contains(data, []byte("ConfigMap")))
}

// mountedLimit knows a mounted folder by the stores in it.
func mountedLimit(name string) int64 {
	if !strings.Contains(name, "/") && fileRole[roleOf(name)] && mountedNames[strings.ToLower(name)] {
		return maxSource
	}
	return 0
}

func besideMounted(name string) int64 {
	switch role := roleOf(name); {
	case strings.Contains(name, "/") || role == "":
		return 0
	case fileRole[role]:
		return maxSource
	}
	return maxText
}

// readManifests reads all manifests as one: a Secret's passwords and names are often
// in another one, or in a ConfigMap.
func readManifests(files []said.File) ([]said.Candidate, fault.List) {
	var objects []object
	var faults, elsewhere fault.List
	for _, f := range files {
		if manifestLimit(f.Path) == 0 || f.TooLarge || f.Beside {
			continue
		}
		p := parse(&f)
		objects = append(objects, p.objects...)
		faults, elsewhere = append(faults, p.faults...), append(elsewhere, p.elsewhere...)
	}
	c, wrong := assemble(objects)
	switch faults = append(faults, wrong...); {
	case len(faults) > 0:
		return nil, faults
	case c == nil:
		return nil, elsewhere
	}
	return []said.Candidate{{Configs: []said.Config{*c}}}, nil
}

// readFolder takes each file of a mounted folder for one key. A folder with nothing but
// keystores is not known to be a mounted one.
func readFolder(files []said.File) ([]said.Candidate, fault.List) {
	o := object{kind: "folder"}
	for _, f := range files {
		if role := roleOf(f.Path); role == "" || f.TooLarge {
			continue
		}
		if o.at.File == "" {
			o.at = fault.In(f.Name)
		}
		o.entries = append(o.entries, entry{key: f.Path, at: fault.In(f.Name), data: f.Data, file: f.Path})
	}
	if !o.isMounted() {
		return nil, nil
	}
	c, wrong := assemble([]object{o})
	if c == nil || len(wrong) > 0 {
		return nil, wrong
	}
	return []said.Candidate{{Configs: []said.Config{*c}}}, nil
}

// isMounted reports whether there is more than keystores.
func (o *object) isMounted() bool {
	return slices.ContainsFunc(o.entries, func(e entry) bool { role := roleOf(e.key); return role != roleKeystore && role != roleTruststore })
}
