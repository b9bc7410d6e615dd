package wizard

import (
	"context"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
)

const fabricXML = `<blueprint xmlns="http://www.osgi.org/xmlns/blueprint/v1.0.0">
  <bean class="io.fabric8.cxf.FabricFailOverFeature">
    <property name="zooKeeperUrl" value="zk:2181"/>
    <property name="zooKeeperPassword" value="battery-staple"/>
    <property name="fabricPath" value="demo/fo"/>
  </bean>
</blueprint>
`

func TestAWebServiceIsAskedFor(t *testing.T) {
	how := []answer{{question: "Select"}, {question: "Replay", text: "always"}, {question: "Module path"}, {question: "Output folder"}}
	const source = "Where are the endpoints listed?"
	for name, c := range map[string]struct {
		given   Service
		answers []answer
		want    Service
	}{
		"endpoints": {Service{}, []answer{{question: source, text: "nowhere"}, {question: "URL of endpoint 1", text: "ftp://a"}, {question: "URL of endpoint 1", text: "http://a/"},
			{question: "URL of endpoint 2", text: "http://a/"}, {question: "URL of endpoint 2", text: "http://b/"}, {question: "Another endpoint?", text: "yes"},
			{question: "URL of endpoint 3", text: "http://c/"}, {question: "Another endpoint?"}}, Service{Endpoints: []string{"http://a/", "http://b/", "http://c/"}}},
		"a registry": {Service{}, []answer{{question: source, text: "in ZooKeeper"}, {question: "ZooKeeper servers", text: "a:1, b:2"},
			{question: "Path of the list, below /fabric/cxf/endpoints", text: "a//b"}, {question: "Path of the list, below /fabric/cxf/endpoints", text: "demo/fo"}},
			Service{Servers: []string{"a:1", "b:2"}, FabricPath: "demo/fo"}},
		"a given path": {Service{FabricPath: "demo/fo"}, nil, Service{FabricPath: "demo/fo"}},
	} {
		t.Run(name, func(t *testing.T) {
			w, said := newWizard(t, append(c.answers, how...)...)
			w.Service = c.given
			if err := w.AskService(context.Background()); err != nil {
				t.Fatal(err)
			}
			c.want.Select, c.want.Replay = "sticky", "always"
			if !reflect.DeepEqual(w.Service, c.want) {
				t.Errorf("got  %+v\nwant %+v", w.Service, c.want)
			}
			if given := c.answers == nil; given == strings.Contains(said.String(), "not usable") {
				t.Errorf("said:\n%s", said)
			}
		})
	}
}

// The first answer can be the file of a web service's client: then the questions are others.
func TestAFabricXMLAsTheFirstBundleIsAWebService(t *testing.T) {
	w, said := newWizard(t, answer{question: "Primary bundle", text: anotherPath}, answer{question: "Path of the primary bundle", text: "fabric.xml"},
		answer{question: "Select"}, answer{question: "Replay"}, answer{question: "Module path"}, answer{question: "Secrets", text: "none"}, answer{question: "Output folder"})
	if err := os.WriteFile("fabric.xml", []byte(fabricXML), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Ask(context.Background()); !errors.Is(err, ErrService) || w.Service.From != "fabric.xml" {
		t.Fatalf("%v, from %q", err, w.Service.From)
	}
	if err := w.AskService(context.Background()); err != nil || w.Answers.Secrets != "none" || w.Answers.Out != "failover-client" {
		t.Errorf("%v, %+v", err, w.Answers)
	}
	for _, line := range []string{"  registry    zk:2181\n", "  path        demo/fo\n", "  exceptions  java.io.IOException\n", "  password    present, of the user fabric\n"} {
		if !strings.Contains(said.String(), line) {
			t.Errorf("%q is not said:\n%s", line, said)
		}
	}
	if strings.Contains(said.String(), "battery") {
		t.Error("the password is shown")
	}
}
