// Package node reads what JavaScript sources say about clients of Hazelcast: the
// configuration object of Client.newHazelcastClient, and the ClientConfig of version 3.
package node

import (
	"github.com/failover-gen/failover-gen/internal/bundle/follow"
	"github.com/failover-gen/failover-gen/internal/bundle/lexis"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
)

var dialect = follow.Dialect{
	Lang: lexis.JavaScript, Endings: []string{".js", ".mjs", ".cjs", ".ts"},
	Clients: []string{"newHazelcastClient", "newHazelcastFailoverClient"},
	Same:    []string{"readFileSync", "normalize", "String"},
	Joins:   []string{"join", "resolve"},
	Here:    []string{"__dirname", "__filename", "cwd", "pwd", "dirname"},
}

// Reader is what package bundle lists among its readers.
var Reader = said.Reader{
	Form: "node", Noun: "JavaScript source", Looked: "a .js file that makes a Hazelcast client",
	Source: dialect.Source, Beside: func(string) int64 { return 0 }, Read: dialect.Read,
	Failover: "list clientConfigs",
	Spelling: said.Spelling{Name: "clusterName", Token: "discoveryToken"},
}
