package connect

import (
	"crypto/x509"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// recorder puts together what came of one cluster, without secrets.
type recorder struct {
	target  *Target
	now     time.Time
	cluster Cluster
	seen    []string // the certificates that were met, by whose and what they are
}

// trouble is why a stage failed.
type trouble struct {
	cause, remedy string
	at            fault.Position // of a file that is to blame; nowhere: failover.yaml
}

// attempt is what came of trying one member.
type attempt struct {
	address      string
	passed       []passed // the stages, in their order
	failed       time.Duration
	trouble      *trouble // why the next one failed, nil if there is none
	certificates []*x509.Certificate
}

// passed is a stage that a member passed.
type passed struct {
	took   time.Duration
	detail string
}

// stage records the i-th stage of the members and reports whether one of them
// passed. A cluster of which one member can be used is usable, so that the others
// are only named.
func (r *recorder) stage(i int, name string, attempts []attempt) bool {
	s := Stage{Name: name}
	var details []string
	var failures []attempt
	good, tried := 0, 0
	for _, a := range attempts {
		switch {
		case len(a.passed) > i:
			if good++; good == 1 {
				s.OK, s.MS = true, milliseconds(a.passed[i].took)
			}
			details = append(details, a.passed[i].detail)
			tried++
		case len(a.passed) == i:
			failures = append(failures, a)
			tried++
		}
	}
	if tried > 1 {
		details = append([]string{fmt.Sprintf("%d of %d members", good, tried)}, compact(details)...)
	}
	for _, a := range failures {
		details = append(details, a.trouble.cause)
		if !s.OK {
			s.MS = max(s.MS, milliseconds(a.failed))
			r.fail(name, *a.trouble)
		}
	}
	s.Detail = r.redacted(strings.Join(details, "; "))
	r.cluster.Stages = append(r.cluster.Stages, s)
	return s.OK
}

// compact shortens what many members have in common.
func compact(details []string) []string {
	const shown = 3
	slices.Sort(details)
	details = slices.Compact(details)
	if n := len(details) - shown; n > 0 {
		details = append(details[:shown], fmt.Sprintf("%d more", n))
	}
	return details
}

// fail records why a stage failed, once if it is the same for several members.
func (r *recorder) fail(stage string, why trouble) {
	what := fmt.Sprintf("cluster %d (%s)", r.target.Number, r.target.Name)
	if r.target.service != nil {
		what = r.target.Name
	}
	f := fault.New(fault.Finding, why.at, r.redacted(fmt.Sprintf("%s: %s: %s", what, stage, why.cause)), r.redacted(why.remedy))
	if f.File == "" {
		f.Position = r.target.At
	}
	if !slices.ContainsFunc(r.cluster.Faults, func(g *fault.Fault) bool { return g.Error() == f.Error() }) {
		r.cluster.Faults = append(r.cluster.Faults, f)
	}
}

// rest records stages that were not tried.
func (r *recorder) rest(stages []string) {
	for _, name := range stages {
		r.cluster.Stages = append(r.cluster.Stages, Stage{Name: name, Detail: notTried})
	}
}

func (r *recorder) done() Cluster { return r.cluster }

// redacted is text without the secrets of the target, which a server may have
// put into what it says.
func (r *recorder) redacted(text string) string {
	for _, secret := range []string{r.target.Token, r.target.Password} {
		if secret != "" {
			text = strings.NewReplacer(secret, "...", url.QueryEscape(secret), "...").Replace(text)
		}
	}
	return text
}

// milliseconds is d to the microsecond.
func milliseconds(d time.Duration) float64 { return math.Round(float64(d.Microseconds())) / 1000 }
