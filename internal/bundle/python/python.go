// Package python reads what Python sources say about clients of Hazelcast: the keyword
// arguments of HazelcastClient, and the ClientConfig of version 3.
package python

import (
	"github.com/failover-gen/failover-gen/internal/bundle/follow"
	"github.com/failover-gen/failover-gen/internal/bundle/lexis"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
)

var dialect = follow.Dialect{
	Lang: lexis.Python, Endings: []string{".py"},
	Clients: []string{"HazelcastClient"},
	Same:    []string{"abspath", "realpath", "normpath", "expanduser", "str", "Path", "fspath"},
	Joins:   []string{"join"},
	Here:    []string{"__file__", "getcwd", "dirname", "cwd"},
}

// Reader is what package bundle lists among its readers.
var Reader = said.Reader{
	Form: "python", Noun: "Python source", Looked: "a .py file that makes a HazelcastClient",
	Source: dialect.Source, Beside: func(string) int64 { return 0 }, Read: dialect.Read,
	Spelling: said.Spelling{Name: "cluster_name", Token: "cloud_discovery_token"},
}
