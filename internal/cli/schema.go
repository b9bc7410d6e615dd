package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// schemaReport is what schema says with --json.
type schemaReport struct {
	Schema json.RawMessage `json:"schema"`
}

func (a *app) schema() verb {
	var kind string
	report := &schemaReport{Schema: json.RawMessage("{}")}
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of failover.yaml",
		Long: "Print the JSON Schema of failover.yaml. Each project has it as " + spec.SchemaFile + ", and the first line of its\n" +
			spec.FileName + " names it, so that an editor with the YAML language server completes keys and marks wrong values.",
		Example: "  failover-gen schema > failover.schema.json\n  failover-gen schema --kind webservice > failover.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if !slices.Contains(spec.Kinds(), kind) {
				return fault.New(fault.Input, fault.Position{}, fmt.Sprintf("--kind %s: there is no such kind of project", kind), "say "+strings.Join(spec.Kinds(), " or "))
			}
			report.Schema = spec.Schema(kind)
			a.print(string(report.Schema))
			return nil
		},
	}
	cmd.Flags().StringVar(&kind, "kind", spec.KindHazelcast, "the `KIND` of project: "+strings.Join(spec.Kinds(), " or "))
	return verb{cmd, report}
}
