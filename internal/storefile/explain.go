package storefile

import (
	"bytes"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Empty is the reason for a file of no bytes.
const Empty Reason = "empty"

func init() { explain = precise }

// precise says what data is if it is not a sound keystore. Nothing has proved the
// bytes that it looks at, so that it only measures and compares.
func precise(data []byte, fault *Error) *Error {
	if fault.Alias != "" {
		return fault
	}
	switch fault.Reason {
	case Unsupported:
		if !bytes.HasPrefix(data, []byte("\x30")) {
			return foreign(data)
		}
	case WrongPassword:
		if bytes.HasPrefix(data, []byte("\xfe\xed\xfe\xed")) {
			return brokenJKS(data, fault)
		}
	case Damaged:
		if bytes.HasPrefix(data, []byte("\x30")) {
			return brokenPKCS12(data, fault)
		}
	}
	return fault
}

const (
	makeStore = "give a keystore: openssl pkcs12 -export -in cert.pem -inkey key.pem -name client -out client.keystore, " +
		"or for certificates to trust: keytool -importcert -file ca.pem -alias ca -storetype PKCS12 -keystore client.truststore"
	bouncy = convert + " -providerclass org.bouncycastle.jce.provider.BouncyCastleProvider -providerpath bcprov.jar"
)

func refuse(cause, remedy string) *Error {
	return &Error{Reason: Unsupported, Cause: cause, Remedy: remedy}
}

// foreign says what a file is that starts neither like JKS nor like DER.
func foreign(data []byte) *Error {
	head := string(data[:min(len(data), 4096)])
	text := bytes.Join(bytes.Fields(data), nil)
	inner, err := base64.StdEncoding.AppendDecode(nil, text)
	switch {
	case len(data) == 0:
		return &Error{Reason: Empty, Cause: "is empty", Remedy: again}
	case bytes.HasPrefix(data, []byte("\xce\xce\xce\xce")):
		return refuse("is a JCEKS keystore, which is not read", fmt.Sprintf(convert, "JCEKS"))
	case bytes.HasPrefix(data, []byte("\x00\x00\x00\x02\x00\x00\x00\x14")):
		return refuse("is a Bouncy Castle keystore (BKS), which is not read", fmt.Sprintf(bouncy, "BKS"))
	case bytes.HasPrefix(data, []byte("\x00\x00\x00\x01\x00\x00\x00\x14")):
		return refuse("is a Bouncy Castle keystore (UBER), which is not read", fmt.Sprintf(bouncy, "UBER"))
	case bytes.Contains([]byte(head), []byte("-----BEGIN ")):
		return refuse("is PEM text, not a keystore", makeStore)
	case err == nil && len(inner) > 4 && bytes.IndexByte([]byte("\x30\xfe\xce"), inner[0]) >= 0:
		return &Error{Reason: Damaged, Cause: "is the base64 text of a keystore", Remedy: "decode it first: base64 -d OLD > NEW"}
	case utf8.ValidString(head) && !bytes.ContainsFunc([]byte(head), func(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) }):
		return refuse("is text, not a keystore", makeStore)
	}
	return refuse("is not a JKS or PKCS12 keystore", makeStore)
}

// brokenJKS says why the digest of a JKS store is wrong. If the entries end exactly
// where the digest starts, the password is.
func brokenJKS(data []byte, fault *Error) *Error {
	_, left, err := scanJKS(data)
	switch {
	case err == nil && left == sha1.Size:
		return fault
	case convertedLines(data):
		return lineEnds()
	case err == nil && left > sha1.Size:
		return &Error{Reason: Damaged, Cause: fmt.Sprintf("is a JKS keystore with %d more bytes after its end", left-sha1.Size), Remedy: again}
	case err == nil:
		return &Error{Reason: Damaged, Cause: fmt.Sprintf("is a JKS keystore that was cut off: %d of its bytes are missing", sha1.Size-left), Remedy: again}
	}
	return &Error{Reason: Damaged, Cause: fmt.Sprintf("is a JKS keystore that was cut off or changed (%d bytes are left of it)", len(data)), Remedy: again}
}

// brokenPKCS12 says what a file is that starts like PKCS12, with a SEQUENCE.
func brokenPKCS12(data []byte, fault *Error) *Error {
	if len(data) > 1 && data[1] == 0x80 { // BER: only an end mark tells its size
		return &Error{Reason: Damaged, Cause: "is a PKCS12 keystore in BER that was cut off or changed", Remedy: again, Err: fault.Err}
	}
	header, size := derSize(data)
	switch body := data[min(header, len(data)):]; {
	case convertedLines(data):
		return lineEnds()
	case len(data) < 8 || len(data) < size:
		return &Error{Reason: Damaged, Cause: fmt.Sprintf("is a PKCS12 keystore that was cut off: %d bytes of %d are there", len(data), size), Remedy: again, Err: fault.Err}
	case isCertificate(data):
		return refuse("is a bare certificate (DER), not a keystore", makeStore)
	case bytes.Contains(body[:min(len(body), 32)], []byte(oidPBES2)):
		return refuse("is a Bouncy Castle keystore (BCFKS), which is not read", fmt.Sprintf(bouncy, "BCFKS"))
	case !bytes.HasPrefix(body, []byte{asn1.TagInteger, 1, 3}):
		return refuse("is not a JKS or PKCS12 keystore", makeStore)
	case len(data) > size:
		return &Error{Reason: Damaged, Cause: fmt.Sprintf("is a PKCS12 keystore with %d more bytes after its end", len(data)-size), Remedy: again, Err: fault.Err}
	}
	return &Error{Reason: Damaged, Cause: "is a PKCS12 keystore that was changed", Remedy: again, Err: fault.Err}
}

func isCertificate(data []byte) bool {
	if len(data) > maxCertBytes {
		return false
	}
	_, err := x509.ParseCertificate(data)
	return err == nil
}

// derSize reads how long the first value of der is by its own length: its header,
// and header and content together.
func derSize(der []byte) (header, size int) {
	if len(der) < 2 {
		return len(der), 0
	}
	if der[1] < 0x80 {
		return 2, 2 + int(der[1])
	}
	header = 2 + int(der[1]&0x7f)
	for _, b := range der[2:min(header, 6, len(der))] {
		size = size<<8 | int(b)
	}
	return header, header + size
}

// convertedLines recognizes a file that was copied as text: every LF follows a CR.
func convertedLines(data []byte) bool {
	lf := bytes.Count(data, []byte("\n"))
	return lf > 1 && lf == bytes.Count(data, []byte("\r\n"))
}

func lineEnds() *Error {
	return &Error{Reason: Damaged, Cause: "was changed by a conversion of line ends (every LF became CRLF)",
		Remedy: again + "; mark keystores as binary in .gitattributes, and in the program that copied this one"}
}
