package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/internal/vetrun"
)

// bundleEndings are those of files that can be a bundle.
var bundleEndings = []string{"zip", "tar.gz", "tgz", "java"}

// storeEndings are those of files that inspect reads besides bundles.
var storeEndings = []string{"keystore", "truststore", "jks", "p12", "pfx"}

// flagCompletions complete the values of flags, by the name of the flag. The shell
// offers folders beside the files of an ending.
func flagCompletions() map[string]cobra.CompletionFunc {
	bundles := byEnding(bundleEndings)
	return map[string]cobra.CompletionFunc{
		"primary": bundles, "secondary": bundles, "from": byEnding(append([]string{"xml"}, bundleEndings...)),
		"out": folders, "keep": folders, "main": folders,
		"kind":           words(spec.Kinds()...),
		"layout":         words(spec.LayoutProject, spec.LayoutPackage),
		"standby":        words(spec.StandbyWarm, spec.StandbyCold),
		"failback":       words(spec.FailbackNever, spec.FailbackAuto),
		"pin":            words(spec.PinNone, spec.PinRegistry),
		"metrics":        words(spec.MetricsNone, spec.MetricsPrometheus),
		"secrets":        words(spec.SecretsDotenv, spec.SecretsNone),
		"scenario":       words(append(drill.Names(), drill.All)...),
		"set":            settingNames,
		"take":           scaffoldedNames,
		"only":           words(vetrun.Names()...),
		"expires-within": words("30d", "60d", "90d"),
		"env":            byEnding([]string{"env"}),
		"report":         byEnding([]string{"html"}),
		"module":         cobra.NoFileCompletions, "map": cobra.NoFileCompletions,
		"endpoint": cobra.NoFileCompletions, "registry-address": cobra.NoFileCompletions, "fabric-path": cobra.NoFileCompletions,
		"clean-run": cobra.NoFileCompletions, "path": cobra.NoFileCompletions, "registry": cobra.NoFileCompletions, "timeout": cobra.NoFileCompletions, "members": cobra.NoFileCompletions,
		"repeat": cobra.NoFileCompletions, "seed": cobra.NoFileCompletions, "writers": cobra.NoFileCompletions,
	}
}

// argumentCompletions complete the arguments of commands, by the name of the command.
func argumentCompletions() map[string]cobra.CompletionFunc {
	return map[string]cobra.CompletionFunc{
		"generate": folders, "check": folders, "diff": folders, "connect": folders, "drill": folders, "standin": folders, "man": folders, "vet": folders, "pin": afterOne(folders),
		"inspect": byEnding(slices.Concat(bundleEndings, storeEndings, []string{"xml"})),
	}
}

// complete adds the completions to a command. Commands that are not listed take no
// arguments.
func complete(cmd *cobra.Command) {
	for name, f := range flagCompletions() {
		if cmd.Flags().Lookup(name) != nil {
			_ = cmd.RegisterFlagCompletionFunc(name, f) // it fails only for a flag that does not exist, or twice
		}
	}
	if cmd.ValidArgsFunction = argumentCompletions()[cmd.Name()]; cmd.ValidArgsFunction == nil {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
}

// afterOne completes the second argument only.
func afterOne(second cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) != 1 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return second(cmd, args, word)
	}
}

func words(list ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)
}

func byEnding(endings []string) cobra.CompletionFunc {
	return cobra.FixedCompletions(endings, cobra.ShellCompDirectiveFilterFileExt)
}

func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// settingNames lists what can stand before the value of --set. Kind and clusters are
// those of the project in the first argument, else those of the flags so far.
func settingNames(cmd *cobra.Command, dirs []string, _ string) (list []string, _ cobra.ShellCompDirective) {
	clusters, kind := 2, spec.KindHazelcast
	for _, flag := range onlyOfService {
		if cmd.Flags().Changed(strings.TrimPrefix(flag, "--")) {
			kind = spec.KindWebservice
		}
	}
	if given, err := cmd.Flags().GetString("kind"); err == nil && slices.Contains(spec.Kinds(), given) {
		kind = given
	}
	if given, err := cmd.Flags().GetStringArray("secondary"); err == nil {
		clusters = max(clusters, 1+len(given))
	}
	if len(dirs) > 0 {
		if s, err := spec.Load(filepath.Join(dirs[0], spec.FileName)); err == nil {
			clusters, kind = len(s.Clusters), s.Kind
		}
	}
	if kind == spec.KindWebservice {
		clusters = 0
	}
	for n := range clusters {
		for _, key := range spec.ClusterKeys() {
			list = append(list, fmt.Sprintf("%d.%s=", n+1, key))
		}
	}
	for _, key := range spec.SectionKeys(kind) {
		list = append(list, key+"=")
	}
	return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// scaffoldedNames lists the files that are the user's in the project in the first
// argument, or here.
func scaffoldedNames(_ *cobra.Command, dirs []string, _ string) (list []string, _ cobra.ShellCompDirective) {
	dir := "."
	if len(dirs) > 0 {
		dir = dirs[0]
	}
	if lock, err := spec.LoadLock(filepath.Join(dir, spec.LockName)); err == nil {
		for _, f := range lock.Files {
			if f.Owner == string(tree.Scaffolded) && f.Path != spec.FileName {
				list = append(list, f.Path)
			}
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

const completionExample = `  source <(failover-gen completion bash)
  failover-gen completion zsh > "${fpath[1]}/_failover-gen"
  failover-gen completion fish > ~/.config/fish/completions/failover-gen.fish
  failover-gen completion powershell | Out-String | Invoke-Expression`
