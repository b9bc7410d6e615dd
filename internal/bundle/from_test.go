package bundle

import (
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/bundle/java"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// notes reads a cluster's name and its token from each line of an XML file.
var notesReader = said.Reader{
	Form: "notes", Noun: "note", Looked: "a note", Beside: func(string) int64 { return 0 },
	Source: func(name string) int64 {
		if strings.HasSuffix(name, "client.xml") || strings.HasSuffix(name, "list.xml") {
			return 1000
		}
		return 0
	},
	Read: func(files []said.File) (list []said.Candidate, _ fault.List) {
		for _, f := range files {
			c := said.Candidate{Used: true, Failover: strings.Contains(f.Name, "list")}
			number := 0
			for line := range strings.Lines(string(f.Data)) {
				number++
				at := fault.Position{File: f.Name, Line: number, Column: 1}
				name, token, _ := strings.Cut(strings.TrimSpace(line), " ")
				c.Configs = append(c.Configs, said.Config{At: at, Name: said.Of(name, at), Token: said.Of(token, at)})
			}
			list = append(list, c)
		}
		return list, nil
	},
}

// A Java source that loads its client from another file gives what that file says,
// with what the source itself says over it.
func TestAClientFromAnotherFile(t *testing.T) {
	defer func(before []*said.Reader) { readers = before }(readers)
	readers = []*said.Reader{&java.Reader, &notesReader}
	main := func(body string) txtar.File {
		return txtar.File{Name: "src/main/java/Demo.java", Data: []byte("class Demo { public static void main(String[] args) throws Exception {\n" + body + "\n} }")}
	}
	one := txtar.File{Name: "src/main/resources/hazelcast-client.xml", Data: []byte("pr-xml CANARY")}
	other := txtar.File{Name: "src/main/resources/other-client.xml", Data: []byte("pr-other CANARY")}
	list := txtar.File{Name: "src/main/resources/list.xml", Data: []byte("pr-a CANARY\npr-b CANARY\n")}
	for body, want := range map[string]string{
		`HazelcastClient.newHazelcastClient(new XmlClientConfigBuilder("hazelcast-client.xml").build());`:                                                                                                                        "pr-xml",
		`HazelcastClient.newHazelcastClient(new ClientClasspathXmlConfig("other-client.xml"));`:                                                                                                                                  "pr-other",
		`HazelcastClient.newHazelcastClient(new XmlClientConfigBuilder(Demo.class.getResourceAsStream("/other-client.xml")).build());`:                                                                                           "pr-other",
		`HazelcastClient.newHazelcastClient(ClientConfig.load());`:                                                                                                                                                               "pr-xml",
		`HazelcastClient.newHazelcastClient();`:                                                                                                                                                                                  "pr-xml",
		`System.setProperty("hazelcast.client.config", "classpath:other-client.xml"); HazelcastClient.newHazelcastClient();`:                                                                                                     "pr-other",
		`ClientConfig c = ClientConfig.loadFromClasspath(Demo.class.getClassLoader(), "other-client.xml", null); c.setClusterName("pr-java"); HazelcastClient.newHazelcastClient(c);`:                                            "pr-java",
		`ClientFailoverConfig f = new XmlClientFailoverConfigBuilder("list.xml").build(); HazelcastClient.newHazelcastFailoverClient(f);`:                                                                                        "pr-a pr-b",
		`ClientFailoverConfig f = new ClientFailoverConfig(); f.addClientConfig(new XmlClientConfigBuilder("other-client.xml").build()); f.addClientConfig(ClientConfig.load()); HazelcastClient.newHazelcastFailoverClient(f);`: "pr-other pr-xml",
	} {
		files := []txtar.File{main(body), one, other}
		if strings.Contains(body, "list.xml") {
			files = append(files, list)
		} else if strings.Contains(body, "load()") && strings.Contains(body, "other-client") { // a list that nothing names stays out of it
			files = append(files[:3:3], txtar.File{Name: "src/main/resources/list.xml", Data: []byte("pr-other CANARY\npr-xml CANARY\n")})
		} else if !strings.Contains(body, "other-client") {
			files = files[:2]
		} else if !strings.Contains(body, "load()") {
			files = []txtar.File{main(body), other}
		}
		b, err := Read(corpus.Dir(t, files))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		var names []string
		for _, c := range b.Clusters {
			names = append(names, c.Name.Text)
			if c.Token.Reveal() != "CANARY" {
				t.Errorf("%s: no token", body)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s\ngives %s, want %s", body, got, want)
		}
	}
	for body, want := range map[string]string{
		`HazelcastClient.newHazelcastClient(new XmlClientConfigBuilder("none.xml").build());`:    "src/main/java/Demo.java:2:",
		`HazelcastClient.newHazelcastClient(new XmlClientConfigBuilder(args[0]).build());`:       "cannot be followed",
		`HazelcastClient.newHazelcastClient(new XmlClientConfigBuilder("logging.xml").build());`: "sets up no client that is read",
	} {
		_, err := Read(corpus.Dir(t, []txtar.File{main(body), {Name: "src/main/resources/logging.xml"}}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
			continue
		}
		wantInput(t, err)
	}
}
