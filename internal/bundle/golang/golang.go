// Package golang reads what Go sources say about clients of Hazelcast: the Config of
// version 1 of the client, and that of its first line, 0.x for Hazelcast 3. Go's own
// parser reads them.
package golang

import (
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"

	"github.com/failover-gen/failover-gen/internal/bundle/follow"
	"github.com/failover-gen/failover-gen/internal/bundle/lexis"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

var dialect = follow.Dialect{
	Lang: lexis.Go, Endings: []string{".go"},
	Clients: []string{"StartNewClientWithConfig", "NewClientWithConfig"},
	Makers:  []string{"NewConfig", "NewCloudConfig", "NewSSLConfig"},
	Same:    []string{"Abs", "Clean", "TrimSpace", "string"},
	Joins:   []string{"Join"},
	Here:    []string{"Getwd", "Executable", "Dir"},
	Getters: true, Library: true, Trees: trees,
}

// Reader is what package bundle lists among its readers.
var Reader = said.Reader{
	Form: "go", Noun: "Go source", Looked: "a .go file that sets up a Hazelcast Config",
	Source: dialect.Source, Beside: func(string) int64 { return 0 }, Read: dialect.Read,
	Failover: "Config.Failover",
	Spelling: said.Spelling{Name: "Cluster.Name", Token: "Cluster.Cloud.Token"},
}

// trees reads a source with Go's parser.
func trees(file string, src []byte) ([]lexis.Stmt, *fault.Fault) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, "", src, parser.SkipObjectResolution)
	if err != nil {
		at := fault.In(file)
		var list scanner.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			at.Line, at.Column = list[0].Pos.Line, list[0].Pos.Column
		}
		return nil, fault.New(fault.Input, at, "the source cannot be read from here on", "correct the source: it must compile")
	}
	c := &converter{file: file, set: set}
	var all []lexis.Stmt
	for _, d := range f.Decls {
		all = append(all, c.declaration(d)...)
	}
	return all, nil
}
