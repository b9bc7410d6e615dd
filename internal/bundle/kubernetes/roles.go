package kubernetes

import (
	"slices"
	"strings"
)

// What a key of a Secret or ConfigMap can be.
const (
	roleCert               = "certificate"
	roleKey                = "key"
	roleCA                 = "CA"
	roleKeystore           = "keystore"
	roleTruststore         = "truststore"
	rolePassword           = "password" // of the stores, or of the user where there is a user name
	roleKeystorePassword   = "keystore password"
	roleKeyPassword        = "key password"
	roleTruststorePassword = "truststore password"
	roleName               = "cluster name"
	roleToken              = "discovery token"
	roleURL                = "cloud url"
	roleAddresses          = "addresses"
	roleServerName         = "server name"
	roleUsername           = "user name"
)

// fileRole has the roles of whole files.
var fileRole = map[string]bool{roleCert: true, roleKey: true, roleCA: true, roleKeystore: true, roleTruststore: true}

// fileRoles are the keys that hold a file, in lower case.
var fileRoles = map[string]string{
	"tls.crt": roleCert, "cert.pem": roleCert, "client.crt": roleCert, "client.pem": roleCert,
	"tls.key": roleKey, "key.pem": roleKey, "client.key": roleKey,
	"ca.crt": roleCA, "ca.pem": roleCA, "ca-bundle.crt": roleCA,
	"keystore.jks": roleKeystore, "keystore.p12": roleKeystore, "keystore.pfx": roleKeystore, "keystore": roleKeystore,
	"client.keystore": roleKeystore, "client.jks": roleKeystore, "client.p12": roleKeystore, "client.pfx": roleKeystore,
	"truststore.jks": roleTruststore, "truststore.p12": roleTruststore, "truststore.pfx": roleTruststore, "truststore": roleTruststore,
	"client.truststore": roleTruststore,
}

// mountedNames are those of fileRoles by which a mounted folder is known: the names
// that cert-manager and the Hazelcast operator give.
var mountedNames = map[string]bool{
	"tls.crt": true, "tls.key": true,
	"keystore.jks": true, "keystore.p12": true, "truststore.jks": true, "truststore.p12": true,
}

// textRoles are the other keys, spelled without what divides words.
var textRoles = map[string]string{
	"password": rolePassword, "storepassword": rolePassword, "sslpassword": rolePassword, "storepass": rolePassword,
	"keystorepassword": roleKeystorePassword, "keystorepass": roleKeystorePassword,
	"keypassword": roleKeyPassword, "keypass": roleKeyPassword, "keypassphrase": roleKeyPassword,
	"truststorepassword": roleTruststorePassword, "truststorepass": roleTruststorePassword,
	"clustername": roleName, "name": roleName,
	"token": roleToken, "discoverytoken": roleToken, "clouddiscoverytoken": roleToken, "clustertoken": roleToken,
	"discoveryurl": roleURL, "cloudurl": roleURL, "clouddiscoveryurl": roleURL, "url": roleURL,
	"addresses": roleAddresses, "address": roleAddresses, "clusteraddresses": roleAddresses, "clusteraddress": roleAddresses,
	"members": roleAddresses, "clustermembers": roleAddresses,
	"servername": roleServerName,
	"username":   roleUsername, "user": roleUsername,
}

// weak are keys that many Secrets and ConfigMaps have. They count only beside a store
// or a cluster's name.
var weak = []string{"name", "token", "url", "address", "addresses", "members", "username", "user"}

func isWeak(key string) bool { return slices.Contains(weak, strings.ToLower(key)) }

// owners are words before a key that say whose value it is, as in hazelcast-token.
var owners = []string{"hazelcast", "hz", "failover", "client"}

// roleOf gives what a key is, "" for one that is not known. KEYSTORE_PASSWORD,
// keystore-password, keystore.password and keystorePassword are the same.
func roleOf(key string) string {
	lower := strings.ToLower(key)
	if role := fileRoles[lower]; role != "" {
		return role
	}
	word := strings.NewReplacer("-", "", "_", "", ".", "").Replace(lower)
	if role := textRoles[word]; role != "" {
		return role
	}
	for again := true; again; {
		again = false
		for _, owner := range owners {
			if rest, found := strings.CutPrefix(word, owner); found {
				word, again = rest, true
			}
		}
	}
	if word == "password" { // of the cluster, or of a store: nobody can tell
		return ""
	}
	return textRoles[word]
}
