package webservice

import (
	"fmt"
	"slices"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/templates/webservice/given"
)

// checkExceptions refuses what the project would refuse when it starts: a Java class
// of which nothing says what it is in Go. With compat such a class has no effect, and
// is warned of, as Java does.
func checkExceptions(s *spec.Spec, calls spec.Calls, from source) (warnings []string, err error) {
	var faults fault.List
	for _, name := range calls.Exceptions {
		if _, mapped := calls.ExceptionMap[name]; mapped || given.KnownException(name) {
			continue
		}
		f := fault.New(fault.Input, whereListed(s, from, name), fmt.Sprintf("it is not known what the exception %s stands for in Go", name),
			fmt.Sprintf("correct the name, or say which HTTP status or fault it is: --set failover.exceptionMap=%s=503", name))
		if !calls.Compat {
			faults = append(faults, f)
			continue
		}
		f.Cause += ", so it has no effect"
		warnings = append(warnings, f.Error())
	}
	if err := given.CheckExceptionMap(calls.ExceptionMap, calls.Compat); err != nil {
		faults = append(faults, fault.New(fault.Input, fault.Position{}, err.Error(), "correct exceptionMap in "+spec.FileName+" or in --set"))
	}
	if len(faults) > 0 {
		return nil, faults
	}
	if said := from.listed; len(said) > 0 && !calls.Compat && len(s.Webservice.Calls.Exceptions) == 0 && !slices.Contains(calls.Exceptions, spec.IOException) {
		warnings = append(warnings, fmt.Sprintf("%s: %s is not listed, and Java adds it always; list it, or set compat: true, if the client is to move on when the network fails", said[0].At, spec.IOException))
	}
	return warnings, nil
}

// whereListed is where an exception is listed: in failover.yaml, else in the file that
// it names, else by the flag that gave it.
func whereListed(s *spec.Spec, from source, name string) fault.Position {
	if len(s.Webservice.Calls.Exceptions) > 0 {
		return s.Webservice.Calls.ExceptionsAt
	}
	for _, v := range from.listed {
		if v.Text == name {
			return v.At
		}
	}
	return from.at
}
