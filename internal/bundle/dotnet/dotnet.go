// Package dotnet reads what C# sources say about clients of Hazelcast: the options of
// HazelcastOptionsBuilder, and the ClientConfig of version 3.
package dotnet

import (
	"github.com/failover-gen/failover-gen/internal/bundle/follow"
	"github.com/failover-gen/failover-gen/internal/bundle/lexis"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
)

var dialect = follow.Dialect{
	Lang: lexis.CSharp, Endings: []string{".cs"},
	Clients: []string{"StartNewClientAsync", "GetNewStartingClient", "NewHazelcastClient", "StartNewFailoverClientAsync", "GetNewStartingFailoverClient"},
	Same:    []string{"Uri", "GetFullPath"},
	Joins:   []string{"Combine", "Join"},
	Here:    []string{"BaseDirectory", "GetCurrentDirectory", "CurrentDirectory"},
	Library: true,
}

// Reader is what package bundle lists among its readers.
var Reader = said.Reader{
	Form: "dotnet", Noun: "C# source", Looked: "a .cs file that builds Hazelcast options",
	Source: dialect.Source, Beside: func(string) int64 { return 0 }, Read: dialect.Read,
	Spelling: said.Spelling{Name: "ClusterName", Token: "Networking.Cloud.DiscoveryToken", KeystorePassword: "Networking.Ssl.CertificatePassword"},
}
