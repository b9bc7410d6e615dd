package cli

import (
	"github.com/spf13/pflag"

	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// liveHelp explains drill --live.
const liveHelp = `With --live the project runs on its own clusters, by its own settings. They are not touched: the drill cuts, freezes
and slows proxies on this machine, between the project and the clusters. Before anything is written, all stages of connect
must pass, and the project must show on stand-ins that it writes only to the map of --map, under keys that begin with the
name of the run. Whatever else your program does, it does to your clusters as well. In the end plain clients read every
write back, past the proxies. The clusters' members must be reachable from this machine as the project reaches them.
Scenarios with --live: kill, reset-once, freeze, freeze-one (of two members of the primary), slow, flap, failback, outage.
The others say why proxies cannot have them.`

// liveFlags are those of a drill on live clusters.
type liveFlags struct {
	live, clean       bool
	mapName, cleanRun string
}

func (l *liveFlags) bind(flags *pflag.FlagSet) {
	flags.BoolVar(&l.live, "live", false, "drill on the project's own clusters, through proxies that break in their place")
	flags.StringVar(&l.mapName, "map", "", "with --live: the `NAME` of the map that the project writes to, best one of its own")
	flags.BoolVar(&l.clean, "clean", false, "with --live: remove the entries of this drill at the end, also after Ctrl-C")
	flags.StringVar(&l.cleanRun, "clean-run", "", "with --live: drill nothing, and remove the entries that an earlier `RUN` has left")
}

// check refuses flags that do not go together.
func (l *liveFlags) check(flags *pflag.FlagSet) error {
	refuse := func(cause, remedy string) error { return fault.New(fault.Input, fault.Position{}, cause, remedy) }
	if !l.live {
		for _, name := range []string{"map", "clean", "clean-run"} {
			if flags.Changed(name) {
				return refuse("--"+name+" is for --live", "give --live as well, or leave out --"+name)
			}
		}
		return nil
	}
	switch {
	case l.mapName == "":
		return refuse("--live needs --map: it writes to no map that you have not named", "name a map for the drill, like --map rehearsal")
	case l.clean && l.cleanRun != "":
		return refuse("--clean and --clean-run are both given", "give --clean for a new drill, or --clean-run for an earlier one")
	}
	return nil
}

// asked is what the drill is told; nil: stand-ins.
func (l *liveFlags) asked() *drill.Live {
	if !l.live {
		return nil
	}
	return &drill.Live{Map: l.mapName, Clean: l.clean}
}
