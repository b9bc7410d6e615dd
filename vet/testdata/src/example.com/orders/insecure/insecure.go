// Package insecure shows the same in the clusters of a generated project's engine.
package insecure

import (
	"crypto/tls"
	"os"

	"example.com/orders/internal/failover"
)

// Bad: the secrets are in the source, and New refuses a cluster whose server has no name.
var clusters = []failover.Cluster{{
	Name:     "pr-1234",
	Token:    "k3jH8s0aQ2",              // want `Cluster.Token is a constant`
	Password: failover.Secret("s3cret"), // want `Cluster.Password is a constant`
	TLS:      &tls.Config{},             // want `this TLS configuration has no ServerName: failover.New refuses the cluster`
}}

// Bad: any server will do.
var trusting = failover.Cluster{
	Name: "pr-1234",
	TLS:  &tls.Config{InsecureSkipVerify: true}, // want `InsecureSkipVerify accepts any certificate`
}

// Good.
var right = failover.Cluster{
	Name:     "pr-1234",
	Token:    failover.Secret(os.Getenv("CLUSTER_TOKEN")),
	Password: "",
	TLS:      &tls.Config{ServerName: "hz.example.com"},
}
