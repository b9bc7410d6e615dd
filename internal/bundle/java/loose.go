package java

import (
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// This file finds stores that the sources set up and then give to no client:
// Properties that no SSLConfig takes, or an SSLConfig that no client's network
// configuration takes. Java compiles and runs such a source; the client then
// connects without TLS, or not at all.

// between are the classes that only carry TLS settings to another object. An object
// of any other class that is given them counts as using them.
var between = map[string]bool{"Properties": true, "SSLConfig": true, "NetworkConfig": true, "ClientNetworkConfig": true}

// namesStore reports whether a property of this name names a store.
func namesStore(property string) bool {
	return property == "javax.net.ssl.keyStore" || property == "javax.net.ssl.trustStore"
}

// noteStore remembers where a property of o is set that names a store.
func (m *machine) noteStore(o *object, property value, at fault.Position) {
	if property.kind == isText && namesStore(property.text) && !o.filled {
		o.filled, o.filledAt = true, at
		if o.class != "SSLConfig" { // every SSLConfig is among the holders already
			m.holders = append(m.holders, o)
		}
	}
}

// give remembers that the arguments were given to taker. A nil taker stands for code
// that is not followed.
func give(taker *object, args []value) {
	for _, arg := range args {
		o := arg.obj
		switch {
		case arg.kind != isObject || o.own != nil || o == taker || slices.Contains(o.takers, taker):
		case len(o.takers) < maxTakers:
			o.takers = append(o.takers, taker)
		default:
			o.takers[0] = nil // too many to follow
		}
	}
}

// maxTakers bounds how many takers of one object are remembered.
const maxTakers = 16

// inUse reports whether what o holds reaches a client, or code that is not followed.
// It asks each object once: seen are those that were asked.
func (o *object) inUse(seen map[*object]bool) bool {
	seen[o] = true
	return slices.ContainsFunc(o.takers, func(taker *object) bool {
		return taker == nil || !between[taker.class] || !seen[taker] && taker.inUse(seen)
	})
}

// loose lists the stores that were set up and given to no client.
func (m *machine) loose() (faults fault.List) {
	fail := func(at fault.Position, cause, remedy string) {
		faults = append(faults, fault.New(fault.Input, at, cause, remedy))
	}
	for _, o := range m.holders {
		isConfig := func(taker *object) bool { return taker != nil && taker.class == "SSLConfig" }
		switch {
		case o == m.system:
			if !slices.ContainsFunc(m.configs, func(c *object) bool { return c.get("NetworkConfig", "SSLConfig").kind != nothing }) {
				fail(o.filledAt, "a store is named here in a system property, but no client's network configuration has an SSLConfig that would use it",
					"add an SSLConfig: config.getNetworkConfig().setSSLConfig(new SSLConfig().setEnabled(true))")
			}
		case o.inUse(map[*object]bool{}):
		case o.class == "SSLConfig":
			if o.property("javax.net.ssl.keyStore", "keyStore").kind != nothing || o.property("javax.net.ssl.trustStore", "trustStore").kind != nothing {
				fail(o.at, "this SSLConfig names stores, but no client's network configuration takes it",
					"give it to the client: config.getNetworkConfig().setSSLConfig(sslConfig)")
			}
		case !slices.ContainsFunc(o.takers, isConfig): // otherwise the SSLConfig is reported
			fail(o.filledAt, "a store is named here in "+article(o.class)+" that no SSLConfig takes",
				"give it to the client's SSLConfig: sslConfig.setProperties(props)")
		}
	}
	return faults
}

// article puts a class's name into a sentence.
func article(class string) string {
	switch {
	case class == "Properties":
		return "Properties"
	case strings.ContainsAny(class[:min(1, len(class))], "AEIOU"):
		return "an " + class
	}
	return "a " + class
}
