package cli

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/internal/spec"
)

// schemaReport is what schema says with --json.
type schemaReport struct {
	Schema json.RawMessage `json:"schema"`
}

func (a *app) schema() verb {
	report := &schemaReport{Schema: json.RawMessage("{}")}
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of failover.yaml",
		Long: "Print the JSON Schema of failover.yaml. Each project has it as " + spec.SchemaFile + ", and the first line of its\n" +
			spec.FileName + " names it, so that an editor with the YAML language server completes keys and marks wrong values.",
		Example: "  failover-gen schema > failover.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			report.Schema = spec.Schema(spec.KindHazelcast)
			a.print(string(report.Schema))
			return nil
		},
	}
	return verb{cmd, report}
}
