// Package cpp reads what C++ sources say about clients of Hazelcast: the setters of
// client_config, and the files of its TLS context.
package cpp

import (
	"github.com/failover-gen/failover-gen/internal/bundle/follow"
	"github.com/failover-gen/failover-gen/internal/bundle/lexis"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
)

var dialect = follow.Dialect{
	Lang: lexis.CPP, Endings: []string{".cpp", ".cc", ".cxx", ".h", ".hpp"},
	Clients: []string{"new_client"},
	Same:    []string{"move", "string", "ref", "path", "absolute"},
	Here:    []string{"current_path"},
}

// Reader is what package bundle lists among its readers.
var Reader = said.Reader{
	Form: "cpp", Noun: "C++ source", Looked: "a .cpp file that sets up a client_config",
	Source: dialect.Source, Beside: func(string) int64 { return 0 }, Read: dialect.Read,
	Spelling: said.Spelling{Name: "set_cluster_name", Token: "discovery_token"},
}
