package java

import (
	"fmt"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
)

// TestLooseStores wants a store that was set up to be reported exactly where it
// reaches no client, by the line on which it is set up.
func TestLooseStores(t *testing.T) {
	const props = `Properties p = new Properties(); p.setProperty("javax.net.ssl.keyStore", "k");` // on line 3
	for _, c := range []struct{ statements, want string }{
		{props + `n.setSSLConfig(new SSLConfig().setProperties(p));`, ""},
		{props + `n.setSSLConfig(new SSLConfig());`, "3: Properties that no SSLConfig takes"},
		{props + `SSLConfig s = new SSLConfig(); n.setSSLConfig(s); s.setProperties(p);`, ""},
		{props + `n.getSSLConfig().setProperties(p);`, ""},
		{props + `n.getSSLConfig().getProperties().putAll(p);`, ""},
		{props + `SSLConfig s = new SSLConfig().setProperties(p); n.setSSLConfig(new SSLConfig(s));`, ""},
		{props + "\nSSLConfig s = new SSLConfig().setProperties(p);", "4: this SSLConfig names stores"},
		{props + "\nSSLConfig s = new SSLConfig().setProperties(p);\nnew ClientNetworkConfig().setSSLConfig(s);", "4: this SSLConfig names stores"},
		{props + `c.setNetworkConfig(new ClientNetworkConfig().setSSLConfig(new SSLConfig().setProperties(p)));`, ""},
		{props + `Properties q = new Properties(p); n.setSSLConfig(new SSLConfig().setProperties(q));`, ""},
		{props + `Kafka.connect(p);`, ""},
		{props + `new KafkaProducer(p);`, ""},
		{props + `new KafkaProducer(p, 1);`, ""},
		{props + `producer.setProperties(p);`, ""},
		{props + `unheard(p);`, ""},
		{`Properties p = fill(new Properties()); n.setSSLConfig(new SSLConfig().setProperties(p));`, ""},
		{"\nnew SSLConfig().setProperty(\"keyStore\", \"k\");", "4: this SSLConfig names stores"},
		{"Map<String, String> p = new HashMap<>(); p.put(\"javax.net.ssl.trustStore\", \"t\");", "3: a HashMap that no SSLConfig takes"},
		{"new SSLConfig().setEnabled(true);", ""},
		{"Properties p = new Properties(); p.setProperty(\"bootstrap\", \"k\");", ""},
		{`System.setProperty("javax.net.ssl.keyStore", "k");`, "3: in a system property"},
		{`System.setProperty("javax.net.ssl.keyStore", "k"); n.setSSLConfig(new SSLConfig());`, ""},
	} {
		source := "class T {\nstatic Properties fill(Properties p) { p.put(\"javax.net.ssl.keyStore\", \"k\"); return p; } public static void main(String[] a) {\n" +
			"ClientConfig c = new ClientConfig(); ClientNetworkConfig n = c.getNetworkConfig(); c.setClusterName(\"n\"); " + c.statements + " HazelcastClient.newHazelcastClient(c); }\n" +
			"Properties returned() { Properties p = new Properties(); p.setProperty(\"javax.net.ssl.keyStore\", \"k\"); return p; } }"
		candidates, faults := Read([]said.File{{Name: "T.java", Path: "T.java", Data: []byte(source)}})
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		got := ""
		for _, candidate := range candidates {
			for _, f := range candidate.Loose {
				got += fmt.Sprintf("%d: %s", f.Line, f.Cause)
			}
		}
		line, part, _ := strings.Cut(c.want, ": ")
		if c.want == "" && got != "" || !strings.HasPrefix(got, line) || !strings.Contains(got, part) {
			t.Errorf("%s\ngives %q, want %q", c.statements, got, c.want)
		}
	}
}
