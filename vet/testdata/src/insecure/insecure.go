// Package insecure shows which connections the next takeover of an address betrays.
package insecure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
)

// Bad: everyone who has the source has the token, and a renewed one needs a new build.
func tokenInSource() hazelcast.Config {
	config := hazelcast.NewConfig()
	config.Cluster.Cloud.Enabled = true
	config.Cluster.Cloud.Token = "k3jH8s0aQ2" // want `CloudConfig.Token is a constant: everyone who reads the source or the binary has the secret`
	return config
}

const password = "s3cret"

// Bad: a constant elsewhere is in the source too.
var credentials = cluster.CredentialsConfig{Username: "app", Password: password} // want `CredentialsConfig.Password is a constant`

// Bad: so is the passphrase of a key.
func passphraseInSource(ssl *cluster.SSLConfig) error {
	passphrase := "s3cret"
	return ssl.AddClientCertAndEncryptedKeyPath("cert.pem", "key.pem", passphrase) // want `the passphrase of a private key is a constant`
}

// Good: the environment has it.
func tokenInEnvironment() cluster.CloudConfig {
	return cluster.CloudConfig{Enabled: true, Token: os.Getenv("CLUSTER_TOKEN")}
}

// Silent: these stand for a secret, and are not one.
func placeholders(config *hazelcast.Config) {
	config.Cluster.Cloud.Token = ""
	config.Cluster.Cloud.Token = "YOUR_DISCOVERY_TOKEN"
	config.Cluster.Cloud.Token = "<token>"
	config.Cluster.Cloud.Token = "CLUSTER_TOKEN"
	config.Cluster.Security.Credentials.Password = "${PASSWORD}"
}

// Silent: the constant is what is used where nothing else was given.
func fallback(given string) string {
	token := "none"
	if given != "" {
		token = given
	}
	return cluster.CloudConfig{Token: token}.Token
}

// Bad: the client believes any server.
func anyServer(ctx context.Context) (*hazelcast.Client, error) {
	config := hazelcast.NewConfig()
	config.Cluster.Network.SSL.Enabled = true
	config.Cluster.Network.SSL.SetTLSConfig(&tls.Config{InsecureSkipVerify: true}) // want `InsecureSkipVerify accepts any certificate`
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// Bad: the same in a variable, which a function returns.
func anyServerToo() *tls.Config {
	config := &tls.Config{ServerName: "hz.example.com"}
	config.InsecureSkipVerify = true // want `InsecureSkipVerify accepts any certificate`
	return config
}

// Good: the cluster's authority is trusted, and the server has a name.
func oneServer(ctx context.Context, authority *x509.CertPool) (*hazelcast.Client, error) {
	config := hazelcast.NewConfig()
	config.Cluster.Network.SSL.Enabled = true
	config.Cluster.Network.SSL.SetTLSConfig(&tls.Config{RootCAs: authority, ServerName: "hz.example.com"})
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// Silent: the connection is checked in another way.
func checkedOtherwise(config *hazelcast.Config, check func(tls.ConnectionState) error) {
	config.Cluster.Network.SSL.SetTLSConfig(&tls.Config{InsecureSkipVerify: true, VerifyConnection: check})
}

// Silent: this is not for the cluster, and another linter's business.
func forSomethingElse() (*http.Transport, error) {
	config := &tls.Config{InsecureSkipVerify: true}
	conn, err := tls.Dial("tcp", "intranet:443", config)
	if err == nil {
		conn.Close()
	}
	return &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, err
}

// Silent: an operator decides.
func decidedElsewhere(insecure bool) *tls.Config {
	return &tls.Config{InsecureSkipVerify: insecure}
}
