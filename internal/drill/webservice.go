package drill

import (
	"slices"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// The ways in which only an endpoint fails.
var (
	shutDown    = breakage{manner: "shut down"}   // the port is closed, and calls in flight end
	faults      = breakage{manner: "faults"}      // every second call is answered with a SOAP fault
	unavailable = breakage{manner: "unavailable"} // every second call is answered with status 503
)

// prompt is how long it may take to leave an endpoint whose failure is seen at
// once. The project's next call finds it: this is for a busy machine.
const prompt = time.Second

// webserviceScenarios are the scenarios for web services. Endpoints are counted
// from 0, the master.
var webserviceScenarios = []scenario{
	{name: "kill", about: "connections are reset and the port closed; the next endpoint must become active",
		script: func(s *stage) { s.mustSwitch(0, s.strike(0, kill), prompt) }},
	{name: "story", about: "the master dies, then restarts and stands last; the second dies; each time the next one must become active",
		script: func(s *stage) {
			second := s.mustSwitch(0, s.strike(0, kill), prompt)
			s.bringBack(0)
			s.settleDown()
			s.mustSwitch(second, s.strike(second, kill), prompt)
		}},
	{name: "freeze", about: "nothing is answered any more; the next endpoint must become active after attemptTimeout",
		script: func(s *stage) { s.mustSwitch(0, s.strike(0, freeze), s.calls.AttemptTimeout+prompt) }},
	{name: "refuse", about: "the endpoint is shut down in order and refuses connections; the next one must become active",
		script: func(s *stage) { s.mustSwitch(0, s.strike(0, shutDown), prompt) }},
	{name: "slow", about: "answers are late, but within attemptTimeout; the endpoint must stay active",
		script: func(s *stage) {
			s.mustStay(0, s.strike(0, slow(min(s.calls.AttemptTimeout/4, 250*time.Millisecond))), 3*time.Second)
		}},
	{name: "fault", about: "every second answer is a SOAP fault; the next endpoint must become active if exceptions list it, else this one stays",
		script: func(s *stage) { s.mustHeed(faults, soapFaults) }},
	{name: "unavailable", about: "every second answer has status 503; the next endpoint must become active if exceptions list it, else this one stays",
		script: func(s *stage) { s.mustHeed(unavailable, httpErrors) }},
	{name: "flap", about: "four times the active endpoint is killed and comes back; each time the next one must become active",
		script: func(s *stage) {
			active := 0
			for range 4 {
				lost := active
				active = s.mustSwitch(lost, s.strike(lost, kill), prompt)
				s.bringBack(lost)
				s.settleDown()
			}
		}},
	{name: "outage", about: "all endpoints are killed, and all but the master come back; one of them must become active",
		script: func(s *stage) {
			var at time.Time
			for i := range slices.Backward(s.targets) {
				at = s.strike(i, kill)
			}
			s.noted(at)
			s.further = anyNumber // each attempt at an endpoint that is away may be one
			s.pause(2 * time.Second)
			back := time.Now()
			for i := range s.targets[1:] {
				s.bringBack(i + 1)
			}
			s.mustSwitch(0, back, 2*time.Second+prompt)
		}},
	{name: "registry-down", about: "the registry is killed: the master must stay; then the master is killed: the next endpoint must become active",
		script: func(s *stage) {
			at := s.field.registry.kill()
			s.did(at, kill.manner, Registry)
			s.mustStay(0, at, 2*time.Second)
			s.mustSwitch(0, s.strike(0, kill), prompt)
			s.did(time.Now(), restart, Registry)
			s.must(s.field.registry.restart())
		}},
	{name: "registry-expired", about: "the project's session with the registry ends: the master must stay; then a third endpoint joins and the others are killed: it must become active",
		script: func(s *stage) {
			at := time.Now()
			s.must(s.field.registry.expire())
			s.did(at, expiry, Registry)
			s.mustStay(0, at, 2*time.Second)
			s.must(s.field.registry.add(s.field))
			s.did(time.Now(), joined, s.targets[len(s.targets)-1].Name())
			s.pause(time.Second) // for the project to read the list
			s.strike(1, kill)
			if to := s.mustSwitch(0, s.strike(0, kill), prompt); to != 2 {
				s.fail("%s became active, and not the endpoint that joined last", s.targets[to].Name())
			}
		}},
}

// must fails the run if what the drill itself does went wrong.
func (s *stage) must(err error) {
	if err != nil {
		s.fail("%v", err)
	}
}

// anyNumber of further switches is allowed.
const anyNumber = 1 << 30

// The exceptions that list what a stand-in answers, themselves or by a class above
// them (facts of java-errors: a fault is no IOException, a status is one).
var (
	soapFaults = []string{"javax.xml.ws.soap.SOAPFaultException", "javax.xml.ws.ProtocolException", "javax.xml.ws.WebServiceException", "jakarta.xml.ws.soap.SOAPFaultException",
		"jakarta.xml.ws.ProtocolException", "jakarta.xml.ws.WebServiceException", "org.apache.cxf.binding.soap.SoapFault", "org.apache.cxf.interceptor.Fault", "java.lang.RuntimeException", "java.lang.Exception", "java.lang.Throwable"}
	httpErrors = []string{"org.apache.cxf.transport.http.HTTPException", "java.io.IOException", "javax.xml.ws.WebServiceException", "jakarta.xml.ws.WebServiceException", "java.lang.RuntimeException", "java.lang.Exception", "java.lang.Throwable"}
)

// mustHeed wants the project to leave a master whose answers are listed by
// failover.yaml, and to stay if they are not.
func (s *stage) mustHeed(b breakage, listing []string) {
	if s.lists(listing) {
		s.mustSwitch(0, s.strike(0, b), prompt)
	} else {
		s.mustStay(0, s.strike(0, b), 2*time.Second)
	}
}

func (p *project) lists(classes []string) bool {
	return slices.ContainsFunc(p.calls.Exceptions, func(e string) bool { return slices.Contains(classes, e) }) ||
		p.calls.Compat && slices.Contains(classes, spec.IOException)
}

// loadWebservice takes from the spec and the lock how many endpoints there are,
// where they are listed, and how calls are made.
func loadWebservice(p *project, s *spec.Spec, lock *spec.Lock) *fault.Fault {
	w := s.Webservice.Settled(lock.Webservice.Said())
	if w.Registry.Type == spec.RegistryStatic && len(w.Registry.Endpoints) < 2 {
		return fault.New(fault.Input, fault.Position{}, "there is only one endpoint, so there is nothing to fail over to", "add a second one under endpoints")
	}
	p.calls, p.callTimeout = w.Calls, w.Calls.AttemptTimeout
	p.mayRepeat = p.calls.Replay == spec.ReplayAlways
	p.size = max(2, len(w.Registry.Endpoints))
	p.registry = w.Registry
	p.noRegistry = whyNoRegistry(w.Registry)
	return nil
}

// The events of a transport, as the project's ledger names them.
const (
	selected        = "ENDPOINT_SELECTED"
	endpointFailed  = "ENDPOINT_FAILED"
	endpointChanged = "ENDPOINT_CHANGED"
	endpointsListed = "ENDPOINTS_LISTED"
)

// judgeEndpoints wants one ENDPOINT_SELECTED before the fault. Then each change is
// from the active endpoint to another one, after the active one has failed or the
// registry's list has changed: a server that is shut down leaves it. With select
// first each call begins at the first endpoint, so that a change needs no failure,
// and there may be more of them.
func (s *stage) judgeEndpoints(before, after []Event) {
	isList := func(e Event) bool { return e.Name == endpointsListed }
	before = slices.DeleteFunc(slices.Clone(before), isList)
	first := s.targets[s.begins].Name()
	if len(before) != 1 || before[0].Name != selected || before[0].Cluster != first {
		s.fail("events at the start: %s; want %s %s", names(before), selected, first)
		return
	}
	isFirst := s.calls.Select == spec.SelectFirst
	if isFirst {
		s.further = anyNumber
	}
	active, switches, failed, left := first, 0, false, false
	for _, e := range after {
		switch {
		case e.Name == endpointFailed:
			failed = failed || e.Cluster == active
		case isList(e):
			left = true
		case e.Name == endpointChanged && e.From == active && e.Cluster != active && (failed || left || isFirst):
			active, failed, left = e.Cluster, false, false
			switches++
		case e.Name == selected && e.Cluster == active && failed: // all failed, and it was back first
			failed = false
		default:
			s.fail("events after the fault: %s; %s from the active endpoint must follow its %s or %s", names(after), endpointChanged, endpointFailed, endpointsListed)
			return
		}
	}
	s.judgeSwitches(switches, after)
}

// webserviceLegend explains the words of a result.
var webserviceLegend = legendOf("call", "an", "endpoint") + `not tested  your own endpoints: their network and their certificates
`
