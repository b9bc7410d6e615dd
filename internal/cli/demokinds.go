package cli

import (
	"fmt"
	"path"
	"strings"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/inspect"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/sample"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/zookeeper"
)

// demoBundles makes two client bundles.
func (a *app) demoBundles(work string, report *demoReport) (*spec.Spec, []string, error) {
	samples, err := sample.Make(2, pki.Console)
	if err != nil {
		return nil, nil, err
	}
	s := spec.Default()
	var sources []string
	a.say("read: two client bundles, made for this demo in the shape that the console hands out")
	for _, made := range samples {
		name := path.Join("bundles", made.FileName)
		file, err := a.demoSource(work, name, made.Data, report)
		if err != nil {
			return nil, nil, err
		}
		sources = append(sources, file)
		s.Clusters = append(s.Clusters, spec.Cluster{Bundle: "../" + name})
		a.tellBundle(report.Bundles[len(report.Bundles)-1])
	}
	return &s, sources, nil
}

// tellBundle prints one line for each cluster of a bundle.
func (a *app) tellBundle(r inspect.Report) {
	for _, c := range r.Clusters {
		var parts []string
		if c.Discovery != nil {
			parts = append(parts, "discovery "+strings.TrimPrefix(c.Discovery.URL, "https://"), "token "+c.Discovery.Token)
		}
		for _, s := range []*inspect.Store{c.Keystore, c.Truststore, c.Cert, c.CA} {
			if s != nil && len(s.Entries) > 0 {
				parts = append(parts, fmt.Sprintf("%s (%s, %s)", path.Base(s.Path), s.Type, s.Entries[0].Key))
			}
		}
		a.say("  %s  %s", c.Name, strings.Join(parts, ", "))
	}
}

func bundleParts(project *generate.Result) (parts [][2]string) {
	for i, c := range project.Clusters {
		parts = append(parts, [2]string{strings.Join(c.Files, ", "), fmt.Sprintf("the keys of cluster %d, %s", i+1, c.Name)})
	}
	return append(parts, [2]string{"clusters.go", "the ordered list of clusters"},
		[2]string{"writeloop.go", "a loop of puts, gets and sizes that goes on when a call fails"})
}

// tellClusters tells what happened when the primary was killed.
func (a *app) tellClusters(r drill.Result, project *generate.Result) {
	primary, secondary := project.Clusters[0].Name, project.Clusters[1].Name
	a.say("\nkilled: %s (its connections were reset and its port closed while the loop was writing)", primary)
	a.tellTimeline(r, nil)
	if r.Passed {
		a.say("  %8.1f ms  %s", r.GapMS, a.colour("32", "the first write that "+oneLine(secondary)+" acked, which means confirmed; this time is the gap"))
	}
	a.tellWrites(r, "writes", "a cluster")
	a.say("lost: %d acked writes; written twice: %d", r.LostAcked, r.Duplicated)
	a.say("at risk: %d acked writes are on %s only, because stand-ins copy nothing to each other;\n"+
		"  between your own clusters, replication must carry such writes over", r.AtRisk, primary)
}

// demoFabric makes a Blueprint file with the failover feature.
func (a *app) demoFabric(work string, report *demoReport) (*spec.Spec, []string, error) {
	const name = "bundles/fabric.xml"
	a.say("read: fabric.xml, a Blueprint file with a FabricFailOverFeature, made for this demo")
	file, err := a.demoSource(work, name, sample.FabricXML, report)
	if err != nil {
		return nil, nil, err
	}
	r := report.Bundles[0].Registry
	a.say("  registry %s at %s, path %s, exceptions %s", r.Kind, strings.Join(r.Addresses, ", "), r.FabricPath, strings.Join(r.Exceptions, "; "))
	if err := zookeeper.Missing(); err != nil {
		a.say("  the drill gives the project a static list of endpoints in place of the registry, because no ZooKeeper can be started: %v", err)
	} else {
		a.say("  the drill lists the endpoints in a ZooKeeper of its own")
	}
	s := spec.DefaultOf(spec.KindWebservice)
	s.Webservice.Bundle = "../" + name
	s.Webservice.SpellOut()
	return &s, []string{file}, nil
}

func fabricParts(*generate.Result) [][2]string {
	return [][2]string{
		{"service.go", "where the registry is, and which failures count"},
		{"internal/failover", "the transport for any HTTP or SOAP client"},
		{"calls.go", "a loop of calls that goes on when one fails"},
		{"server/main.go", "a server that joins the registry's list"},
	}
}

// tellEndpoints tells the documented story: the master died and came back last, and
// then the second died.
func (a *app) tellEndpoints(r drill.Result, _ *generate.Result) {
	a.say("\nwhat the drill did (>) and what the project's transport told, since the first fault:")
	a.tellTimeline(r, map[string]string{"kill": "> killed", "restart": "> restarted, now last"})
	if r.Passed {
		a.say("  %s", a.colour("32", fmt.Sprintf("each time the next endpoint answered a call, at the latest %.1f ms after the fault: this time is the gap", r.GapMS)))
	}
	a.tellWrites(r, "calls", "an endpoint")
	a.say("lost: %d acked calls; carried out twice: %d", r.LostAcked, r.Duplicated)
}
