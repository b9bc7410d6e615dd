package pin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/templates/fleet"
	"github.com/failover-gen/failover-gen/templates/zksession"
)

// look is how often the processes are looked at while they move.
const look = 300 * time.Millisecond

// Status is what the registry holds.
type Status struct {
	Path      string    `json:"path"`
	Pin       string    `json:"pin"` // empty for none
	Processes []Process `json:"processes"`
}

// Process is one process of the service.
type Process struct {
	Process string    `json:"process"`
	Host    string    `json:"host"`
	Cluster string    `json:"cluster"` // empty while none is active
	Since   time.Time `json:"since,omitzero"`
	Moved   bool      `json:"moved"` // it is where the pin says
}

// Left is how many processes are not where the pin says.
func (s *Status) Left() (n int) {
	for _, p := range s.Processes {
		if !p.Moved {
			n++
		}
	}
	return n
}

// moved reports whether a process tells of itself, and all that do are where the pin says.
func (s *Status) moved() bool { return len(s.Processes) > 0 && s.Left() == 0 }

// Show reads the pin and what the processes tell.
func (s *Service) Show(ctx context.Context) (status *Status, err error) {
	err = s.with(ctx, func(o *fleet.Operator) error {
		pin, err := o.Pin()
		if err == nil {
			status, err = s.read(o, pin)
		}
		return err
	})
	return status, err
}

// Move sets the pin, waits until every process that tells of itself is there, for at
// most so long, and returns what it saw last. With no name it takes the pin away and
// waits for nothing. It is a finding if some process has not moved, or none tells of
// itself: the path may be wrong, or the registry just be back, before its processes are.
// A registry that is lost meanwhile is looked for until the time is over.
func (s *Service) Move(ctx context.Context, name string, within time.Duration) (status *Status, err error) {
	waiting, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err = s.with(ctx, func(o *fleet.Operator) error {
		err := o.SetPin(name)
		if err == nil {
			status, err = s.read(o, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for name != "" && !status.moved() && waiting.Err() == nil {
		err = s.with(waiting, func(o *fleet.Operator) error { return s.await(waiting, o, name, &status) })
		pause(waiting)
	}
	switch {
	case ctx.Err() != nil:
		return status, ctx.Err()
	case err != nil:
		return status, err
	case status.Left() > 0:
		return status, fault.New(fault.Finding, fault.Position{},
			fmt.Sprintf("%d of %d processes have not moved to %s within %v", status.Left(), len(status.Processes), name, within),
			"they go on trying; their logs say why, and failover-gen pin without a name shows them")
	case name != "" && len(status.Processes) == 0:
		return status, fault.New(fault.Finding, fault.Position{},
			fmt.Sprintf("the pin is set, but within %v no process told of itself at %s", within, status.Path),
			"check the path, and that the processes run with FAILOVER_PIN_REGISTRY; those that start follow the pin")
	}
	return status, nil
}

// await looks at the processes until all have moved or ctx ends.
func (s *Service) await(ctx context.Context, o *fleet.Operator, name string, status **Status) error {
	for ctx.Err() == nil {
		now, err := s.read(o, name)
		if err != nil {
			return err
		}
		if *status = now; now.moved() {
			return nil
		}
		pause(ctx)
	}
	return nil
}

// pause waits until the next look, or until ctx ends.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(look):
	}
}

func (s *Service) read(o *fleet.Operator, pin string) (*Status, error) {
	reports, err := o.Reports()
	if err != nil {
		return nil, err
	}
	status := &Status{Path: o.Path(), Pin: pin, Processes: []Process{}}
	for _, r := range reports {
		status.Processes = append(status.Processes, Process{Process: r.Process, Host: r.Host, Cluster: r.Cluster, Since: r.Since, Moved: pin == "" || r.Cluster == pin})
	}
	return status, nil
}

// with connects and does something, again where the connection is lost meanwhile, until
// ctx ends. What is done may be done twice.
func (s *Service) with(ctx context.Context, do func(o *fleet.Operator) error) error {
	for tries := 0; ; tries++ {
		err := s.once(ctx, do)
		if !zksession.ConnectionLost(err) || ctx.Err() != nil || tries == 100 {
			return faultOf(err)
		}
	}
}

func (s *Service) once(ctx context.Context, do func(o *fleet.Operator) error) error {
	o, err := fleet.Connect(ctx, s.config)
	if err != nil {
		return err
	}
	defer o.Close()
	return do(o)
}

// faultOf makes a fault of an error of the registry: the network or the registry's
// operator has to act.
func faultOf(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	cause, remedy, known := strings.Cut(err.Error(), "; ")
	if !known {
		remedy = "check --registry, the network, and FAILOVER_REGISTRY_USER and _PASSWORD"
	}
	return fault.Wrap(fault.Environment, fault.Position{}, "the registry: "+cause, remedy, err)
}
