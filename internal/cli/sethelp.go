package cli

import (
	"strings"

	"github.com/failover-gen/failover-gen/internal/spec"
)

// setHelp explains --set.
func setHelp() string {
	return clusterHelp + "\n\n--set SECTION.KEY=VALUE sets one value of a section of failover.yaml; failover-gen schema says what each means. For clusters:\n" +
		keyLines(spec.KindHazelcast) + "For a web service, with commas between the items of a list:\n" + keyLines(spec.KindWebservice) +
		"Secrets are never given by a flag: they come from the bundle, from .env or from the environment."
}

// keyLines lists the keys of the sections, one section a line or more.
func keyLines(kind string) string {
	var text strings.Builder
	const most = 120
	width, before := 0, ""
	for _, name := range spec.SectionKeys(kind) {
		section, key, _ := strings.Cut(name, ".")
		switch {
		case section != before:
			if before != "" {
				text.WriteString("\n")
			}
			text.WriteString("  " + section + strings.Repeat(" ", max(1, 10-len(section))) + key)
			before, width = section, 12+len(key)
			continue
		case width+len(", ")+len(key) >= most:
			text.WriteString(",\n" + strings.Repeat(" ", 12) + key)
			width = 12 + len(key)
			continue
		}
		text.WriteString(", " + key)
		width += len(", ") + len(key)
	}
	return text.String() + "\n"
}

// clusterHelp explains the values of clusters.
const clusterHelp = `--set N.KEY=VALUE overrides one value that the bundle of cluster N gives, counted from 1 (the primary):
  name          name of the cluster
  discoveryURL  address at which the members are asked for, without a token
  addresses     addresses of the members instead: host:port,host:port
  serverName    name that the certificates of the members must hold
  entry         which cluster it is, counted from 1, where the bundle holds an ordered list
  alias         alias of the client's key, where the keystore holds several keys
  username      user that the client logs in as; its password is FAILOVER_N_PASSWORD
  tls           off: the cluster has no TLS, so that all traffic is plain text`
