package clientconfig

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Names of properties of the client that say where its cluster is.
const (
	urlProperty   = "hazelcast.client.cloud.url"
	tokenProperty = "hazelcast.client.cloud.discovery.token"
)

// OldGroup warns of a configuration for Hazelcast 3.x.
const OldGroup = "the source is written for Hazelcast 3.x (group); the Go client needs a cluster of version 4.0 or later"

// reader turns one tree into one configuration.
type reader struct {
	c said.Config
	// plugin is the address that a discovery plugin would find, Absent for none.
	plugin said.Value
	// cloudOff is where cloud discovery is turned off.
	cloudOff, cloudSilent said.Value
}

// Read says what a tree means, whose top is the client's element or key.
func Read(root *Node) said.Config {
	r := &reader{c: said.Config{At: root.At}}
	for _, n := range root.Children {
		r.section(n)
	}
	r.cloud()
	if len(r.c.Addresses) == 0 && r.c.Token.State == said.Absent && r.plugin.State != said.Absent {
		r.c.Addresses = []said.Value{r.plugin}
	}
	return r.c
}

// about are attributes and keys that say nothing of the client's cluster.
var about = []string{"id", "schemalocation", "lazyinit", "scope", "dependson", "import", "configreplacers", "abstract", "parent", "primary"}

func (r *reader) section(n *Node) {
	name := plain(n.Name)
	for _, a := range about {
		if name == a {
			return
		}
	}
	switch name {
	case "clustername":
		r.set(&r.c.Name, n.Value)
	case "group":
		r.group(n)
	case "properties":
		r.properties(n)
	case "network":
		for _, c := range n.Children {
			r.network(c)
		}
	case "connectionstrategy":
		r.strategy(n)
	case "security":
		for _, c := range n.Children {
			r.security(c)
		}
	case "credentialsref":
		r.set(&r.c.Username, said.Unknown("what another bean makes (credentials-ref)", n.At))
	default:
		r.note(n, "")
	}
}

// set takes a value once. A second one that differs leaves nothing to choose by.
func (r *reader) set(to *said.Value, v said.Value) {
	switch {
	case v.State == said.Absent:
	case to.State == said.Absent:
		*to = v
	case to.State != said.Known || v.State != said.Known || to.Text != v.Text:
		*to = said.Unknown("a value that is set a second time at "+v.At.String(), to.At)
	}
}

// maxNotes bounds the notes of one configuration.
const maxNotes = 60

// note lists an element without a counterpart, below the key above it.
func (r *reader) note(n *Node, above string) {
	name := "an element"
	if said.Plain(n.Name) && n.Name != "" {
		name = n.Name
		if above != "" {
			name = above + "." + name
		}
	}
	r.tell(n.At, name+" has no counterpart in a project")
}

func (r *reader) tell(at fault.Position, text string) {
	switch n := len(r.c.Notes); {
	case n < maxNotes:
		r.c.Notes = append(r.c.Notes, said.Warning{At: at, Text: text})
	case n == maxNotes:
		r.c.Notes = append(r.c.Notes, said.Warning{At: at, Text: "from here on there is more that has no counterpart in a project"})
	}
}

func (r *reader) warn(at fault.Position, text string) {
	r.c.Warnings = append(r.c.Warnings, said.Warning{At: at, Text: text})
}

// group is that of 3.x.
func (r *reader) group(n *Node) {
	r.set(&r.c.Name, n.text("name"))
	r.set(&r.c.Password, n.text("password"))
	r.warn(n.At, OldGroup)
}

// property is one of <property name="k">v</property>, or a key with its value.
type property struct {
	name  string
	value said.Value
	node  *Node
}

// propertiesOf lists those below a node.
func propertiesOf(n *Node) []property {
	var list []property
	for _, c := range n.Children {
		switch name := c.Child("name"); {
		case c.is("property") && name != nil:
			value := c.Value
			if v := c.Child("value"); v != nil && value.State == said.Absent {
				value = v.Value
			}
			if value.State == said.Absent {
				value = said.Of("", c.At)
			}
			list = append(list, property{name.Value.Text, value, c})
		case c.Name != "" && len(c.Children) == 0:
			list = append(list, property{c.Name, c.Value, c})
		}
	}
	return list
}

// Properties lists those below a node by their names.
func Properties(n *Node) map[string]said.Value {
	values := make(map[string]said.Value)
	for _, p := range propertiesOf(n) {
		values[p.name] = p.value
	}
	return values
}

// properties are those of the client itself.
func (r *reader) properties(n *Node) {
	for _, p := range propertiesOf(n) {
		switch p.name {
		case urlProperty:
			r.set(&r.c.URL, p.value)
		case tokenProperty:
			r.set(&r.c.Token, p.value)
		default:
			name := "a property"
			if said.Plain(p.name) {
				name = "the property " + p.name
			}
			r.tell(p.node.At, name+" has no counterpart in a project")
		}
	}
}

func (r *reader) network(n *Node) {
	switch plain(n.Name) {
	case "clustermembers", "members":
		if n.Value.State != said.Absent && n.Value.Text != "" {
			r.address(n.Value)
		}
		for _, c := range n.Children {
			r.address(c.Value)
		}
	case "member":
		r.address(n.Value)
	case "ssl":
		r.ssl(n)
	case "hazelcastcloud":
		r.set(&r.c.Token, n.text("discovery-token"))
		enabled := n.Child("enabled")
		switch {
		case enabled == nil:
			r.cloudSilent = said.Of("", n.At)
		case isFalse(enabled.Value):
			r.cloudOff = enabled.Value
		}
	case "aws", "gcp", "azure", "kubernetes", "eureka", "discoverystrategies":
		r.discovery(n)
	default:
		r.note(n, "network")
	}
}

func (r *reader) address(v said.Value) {
	if v.State != said.Absent && !(v.State == said.Known && v.Text == "") {
		r.c.Addresses = append(r.c.Addresses, v)
	}
}

// discovery is a plugin that finds addresses where the client runs.
func (r *reader) discovery(n *Node) {
	enabled := isTrue(n.text("enabled"))
	for _, c := range n.Children {
		if c.is("discovery-strategy") || c.Name == "" || c.is("discovery-strategies") {
			enabled = enabled || isTrue(c.text("enabled"))
			for _, inner := range c.Children {
				enabled = enabled || isTrue(inner.text("enabled"))
			}
		}
	}
	if enabled && r.plugin.State == said.Absent {
		r.plugin = said.Unknown("what the discovery plugin "+n.Name+" finds where the client runs", n.At)
	}
	r.note(n, "network")
}

// cloud decides whether the token counts.
func (r *reader) cloud() {
	if r.c.Token.State == said.Absent {
		return
	}
	switch {
	case r.cloudOff.State != said.Absent && len(r.c.Addresses) > 0:
		r.tell(r.cloudOff.At, "cloud discovery is turned off here, so its token is not used")
		r.c.Token = said.Value{}
	case r.cloudOff.State != said.Absent, r.cloudSilent.State != said.Absent:
		r.warn(r.c.Token.At, "the source sets a discovery token but does not enable cloud discovery (hazelcast-cloud.enabled: true); it is used")
	}
}

func isTrue(v said.Value) bool  { return v.State == said.Known && strings.EqualFold(v.Text, "true") }
func isFalse(v said.Value) bool { return v.State == said.Known && !strings.EqualFold(v.Text, "true") }

// counterparts are the times of connection-retry that failover.yaml has too.
var counterparts = map[string]string{
	"clusterconnecttimeoutmillis": "connectTimeout",
	"initialbackoffmillis":        "retryTime",
	"maxbackoffmillis":            "retryMax",
}

func (r *reader) strategy(n *Node) {
	for _, c := range n.Children {
		if !c.is("connection-retry") {
			r.note(c, "connection-strategy")
			continue
		}
		off := isFalse(c.text("enabled"))
		for _, t := range c.Children {
			key := counterparts[plain(t.Name)]
			if key == "" || off || t.Value.State != said.Known {
				r.note(t, "connection-retry")
				continue
			}
			r.tune(key, t)
		}
	}
}

// tune takes a number of milliseconds over into failover.yaml.
func (r *reader) tune(key string, n *Node) {
	ms, err := strconv.ParseInt(n.Value.Text, 10, 64)
	switch {
	case err != nil || ms > int64(24*time.Hour/time.Millisecond):
		r.tell(n.At, n.Name+" is not a number of milliseconds up to a day; "+key+" keeps its default")
	case ms <= 0:
		r.tell(n.At, n.Name+" is not above 0, which has no counterpart; "+key+" keeps its default")
	default:
		v := said.Of(spelled(time.Duration(ms)*time.Millisecond), n.Value.At)
		if r.c.Tuning == nil {
			r.c.Tuning = make(map[string]said.Value)
		}
		if have, had := r.c.Tuning[key]; had && have.Text != v.Text {
			r.tell(n.At, n.Name+" is set a second time; the first counts")
			return
		}
		r.c.Tuning[key] = v
	}
}

// spelled writes a duration as people do: 2m, not 2m0s.
func spelled(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (r *reader) security(n *Node) {
	switch plain(n.Name) {
	case "usernamepassword":
		r.set(&r.c.Username, n.text("username"))
		r.set(&r.c.Password, n.text("password"))
	case "token":
		r.set(&r.c.Username, said.Unknown("a token (security.token), which the Go client does not send", n.At))
	case "kerberos":
		r.set(&r.c.Username, said.Unknown("a Kerberos identity, which the Go client does not have", n.At))
	case "credentialsfactory", "credentials", "credentialsidentity":
		r.set(&r.c.Username, said.Unknown("what a class makes (security."+plainName(n)+")", n.At))
	default:
		r.note(n, "security")
	}
}

func plainName(n *Node) string {
	if said.Plain(n.Name) {
		return n.Name
	}
	return "an element"
}

var drive = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

// File gives the name of a file as it is in a bundle. A bundle has no classpath and no
// disk, so of an absolute path the last element is looked for.
func File(v said.Value) (file said.Value, absolute bool) {
	if v.State != said.Known {
		return v, false
	}
	for _, prefix := range []string{"classpath*:", "classpath:"} {
		if name, found := strings.CutPrefix(v.Text, prefix); found {
			v.Text = strings.TrimLeft(name, "/")
		}
	}
	v.Text = strings.TrimPrefix(strings.TrimPrefix(v.Text, "file://"), "file:")
	if strings.HasPrefix(v.Text, "/") || drive.MatchString(v.Text) {
		v.Text, absolute = path.Base(strings.ReplaceAll(v.Text, `\`, "/")), true
	}
	return v, absolute
}
