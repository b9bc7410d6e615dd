package cli

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/templates"
)

// hazelcastClient is the module of the client that projects are made for.
const hazelcastClient = "github.com/hazelcast/hazelcast-go-client"

// versionReport is what version says with --json.
type versionReport struct {
	Version string `json:"version"`
	// Revision is that of the version control from which the tool was built.
	Revision string `json:"revision,omitempty"`
	// Modified says that files differed from the revision.
	Modified bool `json:"modified,omitempty"`
	// Client is the version of hazelcast-go-client that projects require.
	Client string `json:"hazelcastClient"`
}

// version is the version of the installed module; "devel" in a working tree.
func version() string {
	info, _ := debug.ReadBuildInfo()
	return versionOf(info).Version
}

// versionOf reads what the Go toolchain noted in the program; nil for nothing.
func versionOf(info *debug.BuildInfo) versionReport {
	r := versionReport{Version: "devel", Client: templates.Requirement(spec.KindHazelcast, hazelcastClient)}
	if info == nil {
		return r
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		r.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			r.Revision = s.Value
		case "vcs.modified":
			r.Modified = s.Value == "true"
		}
	}
	return r
}

func (a *app) version() verb {
	report := new(versionReport)
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of failover-gen, and of the client that it generates for",
		Long:    "Print the version of failover-gen, the revision from which it was built, and the version of hazelcast-go-client that\nits projects require.",
		Example: "  failover-gen version\n  failover-gen version --json",
		Args:    atMost(0, "version takes no arguments"),
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			*report = versionOf(info)
			a.say("failover-gen %s", report.Version)
			if report.Revision != "" {
				edited := ""
				if report.Modified {
					edited = ", with changes"
				}
				a.say("revision %s%s", report.Revision, edited)
			}
			a.say("generates for hazelcast-go-client %s", report.Client)
			return nil
		},
	}
	return verb{cmd, report}
}
