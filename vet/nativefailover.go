package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
	"time"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
)

// NativeFailover reports the client's own failover, and the settings with which it
// was measured to hang or to take minutes.
var NativeFailover = &analysis.Analyzer{
	Name: "nativefailover",
	Doc: "report cluster.FailoverConfig, and settings with which it hangs or takes minutes\n\n" +
		"What hazelcast-go-client v1.6.0 does with them was measured against stand-in members. With its defaults, the first put on the second cluster was acked 122.5 s after the first was killed.",
	URL:      page("nativefailover"),
	Requires: []*analysis.Analyzer{directives, inspect.Analyzer},
	Run:      run(nativeFailover),
}

func nativeFailover(pass *analysis.Pass) error {
	if !usesClient(pass) {
		return nil
	}
	c := newCode(pass)
	found := c.configurations(func(t types.Type) bool { return isConfig(t) || isFailover(t) })
	for _, config := range found.all {
		if path, enabled, ok := found.failover(config); ok {
			found.judgeFailover(config, path, enabled)
		}
	}
	return nil
}

func isFailover(t types.Type) bool { return isType(t, isClientPackage, "FailoverConfig") }

// failover returns where a configuration switches the client's failover on, and
// the path of the failover's settings.
func (f *configurations) failover(config *configuration) (path string, enabled setting, ok bool) {
	switch {
	case isFailover(config.typ):
	case clusterPath(config) != "":
		path = "Failover."
	default:
		return "", setting{}, false // of one cluster
	}
	for _, s := range config.set(path + "Enabled") {
		if f.isTrue(s.value) {
			return path, s, true
		}
	}
	return "", setting{}, false
}

func (f *configurations) judgeFailover(config *configuration, path string, enabled setting) {
	say := func(at, end ast.Node, message string) {
		report(f.pass, analysis.Diagnostic{Pos: at.Pos(), End: end.End(), Message: message})
	}
	on := enabled.at.Node()
	say(on, enabled.value, "the client's own failover never goes on from a member that accepts its connection and stays mute, "+
		"whatever the settings say (hazelcast-go-client v1.6.0, measured), and Community clusters refuse it")
	if count, node := f.tryCount(config, path, enabled); count == 0 {
		say(node, node, "TryCount 0 means 2,147,483,647 tries: while no cluster is there, a start does not fail and Shutdown spins and fails; "+
			"with a finite TryCount, Shutdown took 1 to 1.5 s")
	}
	for _, s := range config.set("Cluster.ConnectionStrategy.ReconnectMode") {
		if mode, ok := f.integer(s.value); ok && mode == 1 {
			say(s.at.Node(), s.value, "with ReconnectModeOff the client shuts down when it loses a cluster: it never tries the next, though Failover is enabled")
		}
	}
	candidates, node := f.candidates(config, path)
	if len(candidates) == 1 {
		say(node, node, "Failover.Configs holds one cluster, and the root Cluster is not a candidate, whatever its comment says: there is no other cluster to go to; "+
			"list every cluster here")
	}
	for _, candidate := range candidates {
		if message := f.slow(config, candidate); message != "" {
			say(candidate.written, candidate.written, message)
			return // once is enough
		}
	}
}

// tryCount returns the number of tries and where it is set, or 1 if it is unknown.
func (f *configurations) tryCount(config *configuration, path string, enabled setting) (int64, ast.Node) {
	given := config.set(path + "TryCount")
	if len(given) == 0 {
		if !config.whole || config.mayHave(path+"TryCount") {
			return 1, nil
		}
		return 0, enabled.at.Node()
	}
	count, ok := f.integer(given[len(given)-1].value)
	if !ok {
		return 1, nil
	}
	return count, given[len(given)-1].value
}

// candidate is one of the clusters of a failover.
type candidate struct {
	place
	written ast.Expr
}

// candidates returns the clusters of a failover and where they are listed, if that
// is in plain sight.
func (f *configurations) candidates(config *configuration, path string) ([]candidate, ast.Node) {
	var list []ast.Expr
	var node ast.Node
	given := append(config.set(path+"Configs"), config.set(path+"SetConfigs")...)
	if len(given) != 1 {
		return nil, nil
	}
	switch value := f.meant(given[0].value).(type) {
	case *ast.CompositeLit:
		list, node = value.Elts, value
	case *ast.CallExpr:
		if fn := f.callee(value); fn == nil || fn.Name() != "SetConfigs" || value.Ellipsis.IsValid() {
			return nil, nil
		}
		list, node = value.Args, value
	}
	var found []candidate
	for _, written := range list {
		found = append(found, candidate{f.placeOf(written), written})
	}
	return found, node
}

// placeOf returns the configuration that an expression stands for, or the part of
// one; an empty place if it is unknown.
func (f *configurations) placeOf(e ast.Expr) place {
	if in := f.at(e); in != nil {
		return place{in: in}
	}
	var path []string
	for {
		selector, ok := ast.Unparen(e).(*ast.SelectorExpr)
		if !ok {
			break
		}
		path = append([]string{selector.Sel.Name}, path...)
		e = selector.X
	}
	if in := f.at(e); in != nil && len(path) > 0 {
		return place{in, strings.Join(path, ".") + "."}
	}
	return place{}
}

// slow says why it takes long to go on from a lost cluster, if it does. Up to 5 s
// were measured to end soon after.
func (f *configurations) slow(root *configuration, c candidate) string {
	if c.in == nil {
		return ""
	}
	path := c.path + "ConnectionStrategy.Timeout"
	if !c.in.mayHave(path) {
		if !c.in.whole {
			return ""
		}
		why := "no ConnectionStrategy.Timeout is set for this cluster: once lost, it is retried for the default of 120 s before the next has its turn (measured: 122.5 s to the first put on the next)"
		if c.in != root && root.mayHave("Cluster.ConnectionStrategy.Timeout") {
			why += "; that of the root Cluster does not count"
		}
		return why
	}
	given := c.in.set(path)
	if len(given) == 0 {
		return ""
	}
	timeout, ok := f.integer(given[len(given)-1].value)
	if limit := time.Duration(timeout); ok && (limit > 5*time.Second || limit == 0) {
		if limit == 0 {
			limit = 120 * time.Second
		}
		return fmt.Sprintf("once lost, this cluster is retried for all of its ConnectionStrategy.Timeout, %v, before the next has its turn (measured: 6.6 s to the first put on the next with 5s, 122.5 s with the default)", limit)
	}
	return ""
}
