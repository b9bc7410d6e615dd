package failover

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/failover-gen/failover-gen/templates/outcome"
	"github.com/hazelcast/hazelcast-go-client/hzerrors"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want outcome.Outcome
		told sign
	}{
		{nil, outcome.Acked, answered},
		{fmt.Errorf("invocations are paused: %w", hzerrors.ErrRetryableIO), outcome.NotSent, unplugged},
		{fmt.Errorf("twice wrapped: %w", fmt.Errorf("by a server: %w", hzerrors.ErrRetryableIO)), outcome.Unknown, nothing},
		{hzerrors.ErrClientNotActive, outcome.NotSent, unplugged},
		{hzerrors.ErrClientOffline, outcome.NotSent, unplugged},
		{hzerrors.ErrIO, outcome.NotSent, nothing},
		{fmt.Errorf("writing message: %w", hzerrors.ErrIO), outcome.Unknown, nothing},
		{hzerrors.ErrPartitionMigrating, outcome.NotSent, busy},
		{hzerrors.ErrHazelcastInstanceNotActive, outcome.Unknown, nothing}, // a member that shuts down says so of what it has applied
		{errors.Join(hzerrors.ErrTargetDisconnected, hzerrors.ErrClientNotActive), outcome.Unknown, nothing},
		{fmt.Errorf("%w (%w)", hzerrors.ErrIO, context.Canceled), outcome.Unknown, nothing},
		{hzerrors.ErrTargetDisconnected, outcome.Unknown, nothing},
		{hzerrors.ErrOperationTimeout, outcome.Unknown, nothing},
		{hzerrors.ErrIndeterminateOperationState, outcome.Unknown, nothing},
		{hzerrors.ErrMemberLeft, outcome.Unknown, nothing},
		{context.DeadlineExceeded, outcome.Unknown, nothing},
		{context.Canceled, outcome.Unknown, nothing},
		{errors.New("response channel closed"), outcome.Unknown, nothing},
		{errors.New("never heard of"), outcome.Unknown, nothing},
		{hzerrors.ErrHazelcastSerialization, outcome.Unknown, nothing}, // also of the old value, when the new one is in place
		{hzerrors.ErrIllegalArgument, outcome.Rejected, nothing},
		{hzerrors.ErrReachedMaxSize, outcome.Rejected, answered},
		{hzerrors.ErrSecurity, outcome.Rejected, answered},
		{&outcome.Error{Outcome: outcome.NotSent, Err: hzerrors.ErrTargetDisconnected}, outcome.NotSent, nothing},
	} {
		if got, told := classify(c.err); got != c.want || told != c.told {
			t.Errorf("classify(%v) = %v, %v; want %v, %v", c.err, got, told, c.want, c.told)
		}
	}
}

// What a member answers must arrive as the outcome that the protocol's error
// codes stand for, whatever the client wraps around them.
func TestServerErrorsHaveTheirOutcome(t *testing.T) {
	f := startFleet(t, 2, Options{OpTimeout: 300e6})
	m := f.Map("map")
	for code, want := range map[int32]outcome.Outcome{
		standin.CodePartitionMigrating:   outcome.NotSent,
		standin.CodeInstanceNotActive:    outcome.Unknown,
		standin.CodeTargetNotMember:      outcome.NotSent,
		standin.CodeRetryable:            outcome.NotSent,
		standin.CodeIO:                   outcome.Unknown,
		standin.CodeIllegalArgument:      outcome.Rejected,
		standin.CodeReachedMaxSize:       outcome.Rejected,
		standin.CodeAccessControl:        outcome.Rejected,
		standin.CodeUnsupportedOperation: outcome.Rejected,
	} {
		f.clusters[0].RefuseOperations(code)
		if _, err := m.Put(context.Background(), "k", "v"); outcome.Of(err) != want {
			t.Errorf("code %d: %v, want outcome %v", code, err, want)
		}
	}
	f.clusters[0].RefuseOperations(0)
	if _, err := m.Put(context.Background(), "k", "v"); err != nil {
		t.Error(err)
	}
	if s := f.Stats(); s.Switches != 0 || s.Active != "c1" {
		t.Errorf("a refused operation switched: %+v", s)
	}
}

func TestValuesThatCannotBeSerializedAreRejected(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 1, Options{})
	if _, err := f.Map("map").Put(context.Background(), "k", make(chan int)); outcome.Of(err) != outcome.Rejected {
		t.Errorf("%v, want rejected", err)
	}
	if err := f.Map("map").Set(context.Background(), nil, "v"); outcome.Of(err) != outcome.Rejected {
		t.Errorf("%v, want rejected", err)
	}
}
