// Package clc reads the configuration of the Hazelcast command line (CLC): a
// config.yaml or config.json with the PEM files beside it, as the console's zip and
// CLC's own configuration directory hold them.
package clc

import (
	"bytes"
	"path"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Reader is what package bundle lists among its readers.
var Reader = said.Reader{
	Form: "clc", Noun: "CLC configuration", Looked: "a config.yaml or config.json of CLC",
	Source: sourceLimit, Beside: func(string) int64 { return 0 }, Read: Read,
	Spelling: said.Spelling{Name: "cluster.name", Token: "cluster.discovery-token"},
}

// maxSource is the largest configuration that is read. CLC's have a few hundred bytes.
const maxSource = 64 << 10

func sourceLimit(name string) int64 {
	switch strings.ToLower(path.Base(name)) {
	case "config.yaml", "config.yml", "config.json":
		return maxSource
	}
	return 0
}

// Read gives a configuration for each file that has settings of CLC. A file of the
// same name that belongs to another program is passed over.
func Read(files []said.File) (found []said.Candidate, faults fault.List) {
	for _, f := range files {
		if f.TooLarge || sourceLimit(f.Path) == 0 || !mentions(f.Data) {
			continue
		}
		values, err := parse(f.Name, f.Data)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if c := config(&f, values); c.Says() {
			found = append(found, said.Candidate{Used: true, Configs: []said.Config{c}})
		}
	}
	return found, faults
}

// mentions reports whether a file can be CLC's.
func mentions(data []byte) bool {
	return bytes.Contains(data, []byte("cluster")) || bytes.Contains(data, []byte("ssl"))
}

// settings are those of one file by their names: "cluster.name". CLC takes a setting
// with an empty text for one that is not there.
type settings map[string]said.Value

func (s settings) of(name string) said.Value {
	if v := s[name]; v.State != said.Known || v.Text != "" {
		return v
	}
	return said.Value{}
}

// is reports whether a switch has the position "true" or "false".
func (s settings) is(name, position string) bool { return strings.EqualFold(s.of(name).Text, position) }

// config turns the settings of a file into the model.
func config(f *said.File, s settings) said.Config {
	c := said.Config{
		At: fault.Position{File: f.Name, Line: 1, Column: 1}, Name: s.of("cluster.name"), URL: s.of("cluster.api-base"),
		Token: s.of("cluster.discovery-token"), Username: s.of("cluster.user"), Password: s.of("cluster.password"),
	}
	c.TLS.CA.File, c.TLS.Cert.File, c.TLS.Key.File = beside(f, s.of("ssl.ca-path")), beside(f, s.of("ssl.cert-path")), beside(f, s.of("ssl.key-path"))
	c.TLS.Key.Password, c.TLS.ServerName = s.of("ssl.key-password"), s.of("ssl.server")
	cloud := c.Token.State != said.Absent
	if address := s.of("cluster.address"); address.State != said.Absent && !cloud {
		c.Addresses = []said.Value{address}
	} else if address.State != said.Absent {
		c.Notes = append(c.Notes, said.Warning{At: address.At, Text: "cluster.address is not used: the discovery token gives the addresses"})
	}
	for _, name := range []string{"cluster.cloud-id", "cluster.viridian-id"} {
		if v := s.of(name); v.State != said.Absent {
			c.Notes = append(c.Notes, said.Warning{At: v.At, Text: name + " is not used: only the console asks for it"})
		}
	}
	switchTLS(&c, s, cloud)
	return c
}

// switchTLS applies ssl.enabled and ssl.skip-verify. With a discovery token CLC uses
// TLS whatever ssl.enabled says.
func switchTLS(c *said.Config, s settings, cloud bool) {
	enabled := s.of("ssl.enabled")
	switch {
	case s.is("ssl.enabled", "true"):
		c.TLS.On = enabled
	case cloud:
		c.TLS.On = said.Of("true", c.Token.At)
	case s.is("ssl.enabled", "false"):
		if c.TLS.Used() {
			c.Warnings = append(c.Warnings, said.Warning{At: enabled.At, Text: "ssl.enabled is false, so the files that the section names are not used"})
		}
		c.TLS = said.TLS{Off: enabled}
	case enabled.State != said.Absent:
		c.Broken = fault.New(fault.Input, enabled.At, "ssl.enabled is neither true nor false", "write one of them")
	case c.TLS.Used():
		c.Warnings = append(c.Warnings, said.Warning{At: c.At, Text: "the section ssl names files but does not enable TLS (ssl.enabled: true); they are used"})
	}
	if skip := s.of("ssl.skip-verify"); skip.State != said.Absent && !s.is("ssl.skip-verify", "false") {
		c.Broken = fault.New(fault.Input, skip.At, "ssl.skip-verify turns off the check of the members' certificates, and a project always checks them",
			"remove it, and name the certificates to trust as ssl.ca-path")
	}
}

// beside spells a path that is relative to the configuration as one inside the bundle.
func beside(f *said.File, v said.Value) said.Value {
	if v.State == said.Known && !strings.HasPrefix(v.Text, "/") {
		v.Text = path.Join(path.Dir(f.Path), strings.ReplaceAll(v.Text, `\`, "/"))
	}
	return v
}
