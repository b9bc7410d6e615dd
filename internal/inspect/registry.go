package inspect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/templates/webservice/given"
)

// Registry is what is known about the registry of a web service: what the source
// says, and the default where it says nothing.
type Registry struct {
	Kind       string   `json:"kind"`
	Addresses  []string `json:"addresses"`
	FabricPath string   `json:"fabricPath"`
	// User and Password are ZooKeeper's digest authentication. Password is "present"
	// or left out.
	User     string `json:"user,omitempty"`
	Password string `json:"password,omitempty"`
	// MaximumConnectionTimeout and ConnectionRetryTime count milliseconds.
	MaximumConnectionTimeout int64    `json:"maximumConnectionTimeout"`
	ConnectionRetryTime      int64    `json:"connectionRetryTime"`
	Exceptions               []string `json:"exceptions"`
	// Address and ServiceClass are those of the client.
	Address      string `json:"address,omitempty"`
	ServiceClass string `json:"serviceClass,omitempty"`
	// NoEffect lists what the source says for nothing, one line each.
	NoEffect []string `json:"noEffect,omitempty"`
}

// registry describes the registry of a bundle and warns of what is odd.
func (r *Report) registry(b *bundle.Bundle) {
	said := b.Registry
	settled := said.Said().Settled(spec.Webservice{})
	r.Registry = &Registry{
		Kind: said.Kind, Addresses: settled.Registry.Addresses, FabricPath: settled.Registry.FabricPath, User: said.User.Text,
		MaximumConnectionTimeout: settled.Registry.MaximumConnectionTimeout.Milliseconds(),
		ConnectionRetryTime:      settled.Registry.ConnectionRetryTime.Milliseconds(),
		Exceptions:               settled.Calls.Exceptions,
		Address:                  spec.ShownURL(said.Address.Text), ServiceClass: said.ServiceClass.Text, NoEffect: said.NoEffect,
	}
	if len(said.Addresses) == 0 {
		r.warn("", "", fmt.Sprintf("%s: the file does not say where ZooKeeper is, so %s is taken; give it with --set registry.addresses=", said.At, r.Registry.Addresses[0]))
	}
	if said.Password.Present() {
		r.Registry.Password = said.Password.String()
		r.warn("", "", said.Password.At.String()+": the password of ZooKeeper stands here in plain text; a project keeps it in .env only")
	}
	if len(said.Exceptions) > 0 && !slices.Contains(settled.Calls.Exceptions, spec.IOException) {
		r.warn("", "", said.Exceptions[0].At.String()+": "+spec.IOException+" is not listed, but Java always adds it; list it, or set compat: true, if the client is to move on when the network fails")
	}
	for _, e := range said.Exceptions {
		if !given.KnownException(e.Text) {
			r.warn("", "", fmt.Sprintf("%s: what %s stands for in Go is not known; say it with --set failover.exceptionMap=%s=STATUS, or with the QName of a fault", e.At, e.Text, e.Text))
		}
	}
}

// registry writes what is known of a registry.
func (w *writer) registry(r *Registry) {
	if r == nil {
		return
	}
	w.line(1, "registry %s", r.Kind)
	field := func(name, value string) {
		if value != "" {
			w.line(2, "%-24s %s", name, value)
		}
	}
	field("addresses", strings.Join(r.Addresses, ", "))
	field("fabricPath", r.FabricPath)
	if r.User != "" {
		password := "not known"
		if r.Password != "" {
			password = r.Password
		}
		field("user", r.User+" (password "+password+")")
	}
	field("maximumConnectionTimeout", strconv.FormatInt(r.MaximumConnectionTimeout, 10)+" ms")
	field("connectionRetryTime", strconv.FormatInt(r.ConnectionRetryTime, 10)+" ms")
	field("exceptions", strings.Join(r.Exceptions, ", "))
	field("client's address", r.Address)
	field("serviceClass", r.ServiceClass)
	if len(r.NoEffect) > 0 {
		w.line(1, "without effect")
	}
	for _, line := range r.NoEffect {
		w.line(2, "%s", line)
	}
}
