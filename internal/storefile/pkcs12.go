package storefile

import (
	"crypto"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// The parts of PKCS12 (RFC 7292). They have a RawValue where a parsed value would
// be a copy, or would take many times the memory of its bytes.
type (
	pfx struct {
		Version  int
		AuthSafe contentInfo
		MAC      macData `asn1:"optional"`
	}
	contentInfo struct {
		Type    asn1.RawValue
		Content asn1.RawValue `asn1:"tag:0,explicit,optional"`
	}
	macData struct {
		Digest     encryptedKey
		Salt       []byte
		Iterations int `asn1:"optional,default:1"`
	}
	encryptedData struct {
		Version int
		Info    struct {
			Type      asn1.RawValue
			Algorithm algorithm
			Content   asn1.RawValue
		}
	}
	safeBag struct {
		ID         asn1.RawValue
		Value      asn1.RawValue `asn1:"tag:0,explicit"`
		Attributes asn1.RawValue `asn1:"optional"`
	}
	certBag struct {
		ID    asn1.RawValue
		Value asn1.RawValue `asn1:"tag:0,explicit"`
	}
	attribute struct{ ID, Values asn1.RawValue }
	// encryptedKey is also the shape of a digest with its algorithm.
	encryptedKey struct {
		Algorithm algorithm
		Data      []byte
	}
)

// item is a key or certificate with the attributes that name and pair it.
type item struct {
	alias, keyID string
	trusted      bool
	created      time.Time
	key          crypto.PrivateKey
	cert         *x509.Certificate
}

// pkcs12 gathers what the bags of one file hold.
type pkcs12 struct {
	derivation
	storePassword, keyPassword string
	verified                   bool // the MAC has proved storePassword
	keys, certs                []item
	certBytes                  int // read so far
	others                     int // secret keys, revocation lists
}

// decodePKCS12 reads a file in DER or BER, its MAC first.
func decodePKCS12(data []byte, storePassword, keyPassword string) (*Store, error) {
	p := &pkcs12{storePassword: storePassword, keyPassword: keyPassword}
	file, safe, err := openPKCS12(data)
	if err != nil {
		return nil, err
	}
	if len(file.MAC.Digest.Data) > 0 {
		if err := p.verify(file.MAC, safe); err != nil {
			return nil, err
		}
	}
	contents, err := contentsOf(safe)
	if err != nil {
		return nil, err
	}
	for _, content := range contents {
		if err := p.read(content); err != nil {
			return nil, err
		}
	}
	if len(p.keys)+len(p.certs) == 0 && p.others > 0 {
		return nil, &Error{Reason: NoEntry, Cause: "holds only secret keys", Remedy: "give the store with the private key and its certificate, or with certificates to trust"}
	}
	return p.store(), nil
}

// openPKCS12 reads the outermost layer: safe is what the MAC covers.
func openPKCS12(data []byte) (file pfx, safe []byte, err error) {
	if file, err = parse[pfx](toDER(data)); err != nil {
		return pfx{}, nil, err
	}
	safe, err = octets(file.AuthSafe.Content.Bytes)
	if err != nil || string(file.AuthSafe.Type.Bytes) != oidData {
		return pfx{}, nil, errors.Join(errASN1, err)
	}
	return file, safe, nil
}

// contentsOf reads the contents that make up safe.
func contentsOf(safe []byte) (list []contentInfo, err error) {
	raw, err := elements(toDER(safe))
	for i := 0; i < len(raw) && err == nil; i++ {
		var content contentInfo
		content, err = parse[contentInfo](raw[i].FullBytes)
		list = append(list, content)
	}
	return list, err
}

// verify proves the password of the store, and that the file was not changed.
func (p *pkcs12) verify(mac macData, message []byte) error {
	alg, key := mac.Digest.Algorithm, []byte(nil)
	if string(alg.OID.Bytes) == oidPBMAC1 {
		params, err := parse[pbes2Params](alg.Params.FullBytes)
		if err != nil {
			return err
		}
		kdf, err := parse[pbkdf2Params](params.KDF.Params.FullBytes)
		if err != nil || kdf.KeyLength < sha1.Size || kdf.KeyLength > 64 { // RFC 9879: a short key proves nothing
			return errors.Join(errASN1, err)
		}
		if key, err = p.pbkdf2(params.KDF, p.storePassword, kdf.KeyLength); err != nil {
			return err
		}
		alg = params.Scheme
	}
	newHash := hashes[string(alg.OID.Bytes)]
	if newHash == nil {
		return unsupported("a MAC", alg.OID)
	}
	if key == nil {
		h := newHash()
		if err := p.spend(mac.Iterations, h.BlockSize()/64, mac.Salt); err != nil {
			return err
		}
		key = kdf12(h, mac.Salt, bmp(p.storePassword), mac.Iterations, 3, h.Size())
	}
	h := hmac.New(newHash, key)
	h.Write(message)
	p.verified = hmac.Equal(h.Sum(nil), mac.Digest.Data)
	if !p.verified {
		return wrongPassword()
	}
	return nil
}

// read reads the bags of one content, which may be encrypted as a whole.
func (p *pkcs12) read(content contentInfo) (err error) {
	var plain []byte
	switch string(content.Type.Bytes) {
	case oidData:
		plain, err = octets(content.Content.Bytes)
	case oidEncrypted:
		var data encryptedData
		if data, err = parse[encryptedData](content.Content.Bytes); err == nil {
			plain, err = p.decrypt(data.Info.Algorithm, joined(data.Info.Content), p.storePassword)
		}
	default:
		err = unsupported("a protection", content.Type)
	}
	if err != nil {
		return err
	}
	bags, err := elements(toDER(plain))
	if err != nil && !p.verified {
		return wrongPassword()
	}
	for i := 0; i < len(bags) && err == nil; i++ {
		err = p.readBag(bags[i].FullBytes)
	}
	return err
}

func (p *pkcs12) readBag(der []byte) error {
	bag, err := parse[safeBag](der)
	if err != nil || len(p.keys)+len(p.certs) == maxEntries {
		return errors.Join(errASN1, err)
	}
	it := attributes(bag.Attributes.Bytes)
	switch string(bag.ID.Bytes) {
	case oidBag + "\x01": // a key in the clear
		it.key, err = parseKey(it.alias, bag.Value.Bytes)
		p.keys = append(p.keys, it)
	case oidShroudedKey:
		it.key, err = p.decryptKey(it.alias, bag.Value.Bytes)
		p.keys = append(p.keys, it)
	case oidBag + "\x03":
		cert, err := parse[certBag](bag.Value.Bytes)
		if err != nil || string(cert.ID.Bytes) != oidX509 {
			return errors.Join(errASN1, err)
		}
		der, err := octets(cert.Value.Bytes)
		if err != nil {
			return err
		}
		it.cert, err = parseCertificate(it.alias, der, &p.certBytes)
		p.certs = append(p.certs, it)
		return err
	default:
		p.others++
	}
	return err
}

func (p *pkcs12) decryptKey(alias string, der []byte) (crypto.PrivateKey, error) {
	info, err := parse[encryptedKey](der)
	if err != nil {
		return nil, err
	}
	plain, err := p.decrypt(info.Algorithm, info.Data, p.keyPassword)
	if err != nil {
		return nil, err
	}
	if _, err := parse[asn1.RawValue](plain); err != nil { // what a wrong password makes
		return nil, wrongKeyPassword(alias)
	}
	return parseKey(alias, plain)
}

// store pairs keys with certificates. As in Java, a certificate beside a key is
// an entry of its own only if it is marked as trusted. Without a key every
// certificate is an entry, since only Java sets that mark.
func (p *pkcs12) store() *Store {
	store := &Store{Type: PKCS12}
	var all []*x509.Certificate
	owner := make(map[string]*x509.Certificate)
	for _, c := range p.certs {
		all = append(all, c.cert)
		if c.keyID != "" && owner[c.keyID] == nil {
			owner[c.keyID] = c.cert
		}
	}
	for _, k := range p.keys {
		store.Entries = append(store.Entries, Entry{Alias: k.alias, Kind: KindKey, Created: k.created, Key: k.key, Chain: chainFor(k.key, owner[k.keyID], all)})
	}
	for _, c := range p.certs {
		if c.trusted || len(p.keys) == 0 {
			store.Entries = append(store.Entries, Entry{Alias: c.alias, Kind: KindCertificate, Chain: []*x509.Certificate{c.cert}})
		}
	}
	unnamed := 0
	for i := range store.Entries {
		if e := &store.Entries[i]; e.Alias == "" { // keytool counts them too
			unnamed++
			e.Alias = strconv.Itoa(unnamed)
		}
	}
	return store
}

// attributes reads the name, the identifier and the trust mark of a bag.
func attributes(set []byte) (it item) {
	for len(set) > 0 {
		var a attribute
		rest, err := asn1.Unmarshal(set, &a)
		if err != nil {
			return it
		}
		set = rest
		var value asn1.RawValue
		if _, err := asn1.Unmarshal(a.Values.Bytes, &value); err != nil || len(value.Bytes) > maxName {
			continue
		}
		switch string(a.ID.Bytes) {
		case oidFriendlyName:
			units := make([]uint16, len(value.Bytes)/2)
			for i := range units {
				units[i] = uint16(value.Bytes[2*i])<<8 | uint16(value.Bytes[2*i+1])
			}
			it.alias = string(utf16.Decode(units))
		case oidLocalKeyID:
			it.keyID = string(value.Bytes)
			text, _ := strings.CutPrefix(it.keyID, "Time ")
			if ms, err := strconv.ParseInt(text, 10, 64); err == nil && text != it.keyID {
				it.created = created(ms)
			}
		case oidTrusted:
			it.trusted = true
		}
	}
	return it
}

var errASN1 = errors.New("storefile: unexpected ASN.1")

// parse reads a value that must fill der.
func parse[T any](der []byte) (T, error) {
	var value T
	rest, err := asn1.Unmarshal(der, &value)
	if err == nil && len(rest) > 0 {
		err = errASN1
	}
	return value, err
}

// octets returns the content of an OCTET STRING without copying it.
func octets(der []byte) ([]byte, error) {
	raw, err := parse[asn1.RawValue](der)
	if err != nil || raw.Class != asn1.ClassUniversal || raw.Tag != asn1.TagOctetString || raw.IsCompound {
		return nil, errors.Join(errASN1, err)
	}
	return raw.Bytes, nil
}

// joined returns the octets of an OCTET STRING with an implicit tag, which BER can
// split into parts. It returns nil if a part is not an OCTET STRING.
func joined(raw asn1.RawValue) []byte {
	if !raw.IsCompound {
		return raw.Bytes
	}
	var all []byte
	for rest := raw.Bytes; len(rest) > 0; {
		var part asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &part); err != nil || part.Class != asn1.ClassUniversal || part.Tag != asn1.TagOctetString {
			return nil
		}
		all = append(all, part.Bytes...)
	}
	return all
}

// elements splits a SEQUENCE, one element after the other. Package asn1 would make
// room for all parsed elements first, which takes many times their bytes.
func elements(der []byte) (list []asn1.RawValue, err error) {
	raw, err := parse[asn1.RawValue](der)
	for rest := raw.Bytes; err == nil && len(rest) > 0; {
		var element asn1.RawValue
		if rest, err = asn1.Unmarshal(rest, &element); len(list) == maxEntries {
			err = errASN1
		}
		list = append(list, element)
	}
	return list, err
}
