package tree

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// memoryPath is the file that remembers what was last written of each secret. It
// lies among the keystores, which version control ignores, and has their mode.
// Without it, a secret that the operator renewed could not be told from one that
// an old bundle gave.
const memoryPath = "resources/.written"

// memory is what memoryPath holds, by the path of a file or the key of a text.
type memory map[string]remembered

// remembered is what is known of one secret, as digests.
type remembered struct {
	// Written is of what was last written into the project; empty if nothing was.
	Written string `json:"written,omitempty"`
	// Offered is of what the bundle had then, where the operator's was kept.
	Offered string `json:"offered,omitempty"`
	// Salt is that of both digests where they are of a text. Files written before
	// December 2026 lack it: there equal passwords have equal digests.
	Salt string `json:"salt,omitempty"`
}

// offered is the digest of the bundle's value that the operator knows of.
func (r remembered) offered() string {
	if r.Offered != "" {
		return r.Offered
	}
	return r.Written
}

const memoryNote = "What failover-gen last wrote of each secret, as digests, so that it can tell what you renewed. Keep it with the keystores, out of version control."

type memoryFile struct {
	Note    string `json:"note"`
	Secrets memory `json:"secrets"`
}

// readMemory reads what is remembered. A file that is damaged remembers nothing:
// then every difference counts as the operator's.
func readMemory(data []byte) memory {
	var f memoryFile
	if json.Unmarshal(data, &f) != nil || f.Secrets == nil {
		return make(memory)
	}
	return f.Secrets
}

func (m memory) marshal() []byte {
	data, _ := json.MarshalIndent(memoryFile{memoryNote, m}, "", "  ") // texts only
	return append(data, '\n')
}

// digestOf is the digest under which a secret is remembered. A text may be a
// password that an attacker could try to guess, so its digest takes as much work as
// the keystore beside it demands: the 10,000 iterations of JDK 17 keytool.
func (v *Value) digestOf(data []byte, salt string) string {
	if v.Key == "" {
		return Digest(data)
	}
	const iterations, size = 10_000, 16
	sum, err := pbkdf2.Key(sha256.New, string(data), []byte("failover-gen "+Dotenv+salt), iterations, size)
	if err != nil { // only where FIPS mode forbids the size of the salt or the key
		return ""
	}
	return hex.EncodeToString(sum)
}

// newSalt makes the salt of a text from its key and the first store beside it. So no
// two texts of a project have the same, nor have those of projects with other stores;
// and two runs on two machines give the same bytes.
func (w *Want) newSalt(v *Value) string {
	if v.Key == "" {
		return ""
	}
	store := slices.IndexFunc(w.Secrets, func(x Value) bool { return x.Key == "" })
	text := v.Key
	if store >= 0 {
		text += " " + Digest(w.Secrets[store].Data)
	}
	const size = 32 // in hex
	return Digest([]byte(text))[:size]
}
