package bundle

import "github.com/failover-gen/failover-gen/internal/bundle/said"

// variableOf names a secret as the environment of a project does, by its label in
// settings: FAILOVER_1_TOKEN. The commands that make projects take it from there where
// a bundle lacks it.
var variableOf = map[string]string{
	"discovery token": "TOKEN", "password": "PASSWORD",
	"keystore password": "KEYSTORE_PASSWORD", "key password": "KEY_PASSWORD", "truststore password": "TRUSTSTORE_PASSWORD",
}

// howToGive starts a remedy with the flag or the variable by which the user gives a
// setting of the bundle's cluster at index. It is empty for one that only a source has.
func (o Overrides) howToGive(index int, s setting) string {
	switch name := variableOf[s.label]; {
	case s.field != "":
		return "give it with --set " + o.flag(index, s.field) + "=, or "
	case name != "":
		return "give it in the variable " + o.variable(index, name) + ", or "
	}
	return ""
}

// fillIn takes the secrets of which the bundle says nothing that can be used.
func (p Passwords) fillIn(c *said.Config) {
	for _, x := range []struct {
		given Secret
		value *said.Value
	}{{p.Token, &c.Token}, {p.Password, &c.Password}} {
		if x.given.Present() && (x.value.State != said.Known || placeholder(x.value.Text) != "") {
			*x.value = said.Of(x.given.Reveal(), x.given.At)
		}
	}
}
