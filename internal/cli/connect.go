package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/internal/connect"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// connectReport is what connect says with --json.
type connectReport struct {
	Clusters []connect.Cluster `json:"clusters"`
}

func (a *app) connect() verb {
	report := &connectReport{Clusters: []connect.Cluster{}}
	cmd := &cobra.Command{
		Use:   "connect [DIR]",
		Short: "Try whether a project reaches its clusters, and name the stage that fails",
		Long: "Connect to each cluster of the project in DIR (default: here), stage by stage: discovery, TCP, TLS, authentication, and\n" +
			"one read, the size of the map in failover.yaml. The first stage that fails is named, with why and what to do; those\n" +
			"after it are not tried. Then come the days that are left of every certificate that was met: yours, the members' and\n" +
			"the discovery service's.\n\n" +
			"The settings are taken from where the project takes them: .env and resources/ in DIR, or in FAILOVER_HOME, and the\n" +
			"environment. All clusters are tried side by side, each within connectTimeout of failover.yaml. A stage is passed if one\n" +
			"member passes it; the others are named. Nothing is changed, neither in DIR nor in a cluster.\n\n" +
			"For a web service the list of endpoints is read from the registry, and each endpoint is connected to by TCP. No call is\n" +
			"made.",
		Example: "  failover-gen connect orders\n  failover-gen connect --json orders",
		Args:    atMost(1, "connect takes one folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			targets, warnings, err := connect.Load(cmd.Context(), dir)
			a.warn(warnings)
			if err != nil {
				return err
			}
			clusters, err := connect.Run(cmd.Context(), targets, a.Now())
			if err != nil {
				return err
			}
			var faults fault.List
			for _, c := range clusters {
				a.tellCluster(&c)
				faults = append(faults, c.Faults...)
			}
			report.Clusters = clusters
			return faults.ErrOrNil()
		},
	}
	return verb{cmd, report}
}

// tellCluster prints what came of one cluster, or of a web service.
func (a *app) tellCluster(c *connect.Cluster) {
	if c.Number == 0 {
		a.say("web service: %s", c.Name)
	} else {
		a.say("cluster %d: %s", c.Number, c.Name)
	}
	for _, s := range c.Stages {
		verdict, padding := s.Verdict(), strings.Repeat(" ", max(0, len("not tried")-len(s.Verdict())))
		if !s.Tried() {
			a.say("  %-14s  %s", s.Name, verdict)
			continue
		}
		code := "32"
		if !s.OK {
			code = "31"
		}
		a.say("  %-14s  %s%s  %9s  %s", s.Name, a.colour(code, verdict), padding, s.Took(), s.Detail)
	}
	for _, c := range c.Certificates {
		a.say("  %s", c.Text())
	}
}
