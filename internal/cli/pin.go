package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/pin"
)

// pinReport is what pin says with --json.
type pinReport struct {
	*pin.Status
}

func (a *app) pin() verb {
	var r pin.Request
	within := 30 * time.Second
	report := &pinReport{Status: &pin.Status{Processes: []pin.Process{}}}
	cmd := &cobra.Command{
		Use:   "pin [NAME|none [DIR]]",
		Short: "Move all processes of a service to one cluster, and show which have moved",
		Long: "Set the pin of a service in the ZooKeeper that its processes share, and wait until all of them have moved. A pin is\n" +
			"the name of the only cluster to use: each process finishes its calls, moves there and stays. \"none\" takes the pin\n" +
			"away: each process stays where it is, and is free to leave when its cluster is lost. Without a name the command shows\n" +
			"the pin and the processes, and changes nothing.\n\n" +
			"It is for projects with \"pin: registry\" in failover.yaml whose processes have FAILOVER_PIN_REGISTRY set. A process\n" +
			"that is connected to ZooKeeper tells there which cluster it uses; one that is not, is not shown.\n\n" +
			"The path in ZooKeeper follows from the project in DIR (default: here), as for the processes themselves. User,\n" +
			"password and TLS come from FAILOVER_REGISTRY_USER, _PASSWORD, _CA, _CERT and _KEY, in the environment or in DIR/.env.",
		Example: "  failover-gen pin --registry zk1:2181,zk2:2181 pr-5678 orders\n  failover-gen pin --registry zk1:2181 none orders\n  failover-gen pin --registry zk1:2181 --path /failover-gen/example.com/orders",
		Args:    atMost(2, "pin takes one cluster and one folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				r.Dir = args[1]
			}
			if within <= 0 {
				return fault.New(fault.Input, fault.Position{}, fmt.Sprintf("--timeout %v: is not a time to wait", within), "give one such as 30s")
			}
			service, err := pin.Load(cmd.Context(), r)
			if err != nil {
				return err
			}
			var status *pin.Status
			switch {
			case len(args) == 0:
				status, err = service.Show(cmd.Context())
			case args[0] == "none":
				status, err = service.Move(cmd.Context(), "", within)
			default:
				if err := service.CheckName(args[0]); err != nil {
					return err
				}
				status, err = service.Move(cmd.Context(), args[0], within)
			}
			if status != nil {
				report.Status = status
				a.tellPin(status)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&r.Registry, "registry", "", "`HOST:PORT` of the ZooKeeper, several with commas between them (default FAILOVER_PIN_REGISTRY)")
	cmd.Flags().StringVar(&r.Path, "path", "", "`PATH` of the service in ZooKeeper (default /failover-gen/ and the module of the project)")
	cmd.Flags().DurationVar(&within, "timeout", within, "`TIME` to wait for the processes to move")
	return verb{cmd, report}
}

// tellPin prints the pin and a table of the processes.
func (a *app) tellPin(s *pin.Status) {
	if s.Pin == "" {
		a.say("no pin at %s", s.Path)
	} else {
		a.say("pinned to %s at %s", s.Pin, s.Path)
	}
	if len(s.Processes) == 0 {
		a.say("no process tells of itself there")
		return
	}
	rows := [][]string{{"PROCESS", "HOST", "CLUSTER", "SINCE"}}
	for _, p := range s.Processes {
		since, cluster := "", p.Cluster
		if cluster == "" {
			cluster = "(none)"
		}
		if !p.Since.IsZero() {
			since = p.Since.Format(time.RFC3339)
		}
		rows = append(rows, []string{p.Process, p.Host, cluster, since})
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s  ", widths[i], cell)
		}
		a.say("%s", strings.TrimRight(line.String(), " "))
	}
	if s.Pin != "" {
		a.say("%d of %d have moved", len(s.Processes)-s.Left(), len(s.Processes))
	}
}
