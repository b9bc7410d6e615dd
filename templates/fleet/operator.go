package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/go-zookeeper/zk"

	"github.com/failover-gen/failover-gen/templates/zksession"
)

// Operator is a connection that sets the pin and reads what the processes tell. Its
// methods return an error when the connection is lost: it is for a command, which can be
// run again.
type Operator struct {
	c       Config
	session *zksession.Session

	mu  sync.Mutex
	why error // why no server was reached
}

// Connect connects within MaximumConnectionTimeout, or until ctx ends.
func Connect(ctx context.Context, c Config) (*Operator, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.MaximumConnectionTimeout)
	defer cancel()
	o := &Operator{c: c}
	var err error
	o.session, err = zksession.Open(&o.c.Config, false, o.unreachable, func(string) {})
	if err != nil {
		return nil, err
	}
	select {
	case <-o.session.Up():
		err = o.c.explain("log in to read", o.c.Path, o.session.Login())
	case <-o.session.Gone():
		err = zk.ErrConnectionClosed
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err == nil {
		return o, nil
	}
	o.session.Close()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.why == nil {
		o.why = fmt.Errorf("no server of %s answers", strings.Join(o.c.Addresses, ", "))
	}
	if errors.Is(err, context.DeadlineExceeded) || zksession.ConnectionLost(err) {
		err = o.why
	}
	return nil, err
}

func (o *Operator) unreachable(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.why = err
}

// Close ends the connection.
func (o *Operator) Close() { o.session.Close() }

// Path is that of the service.
func (o *Operator) Path() string { return o.c.Path }

// SetPin sets the pin; "" takes it away.
func (o *Operator) SetPin(name string) error {
	if name == "" {
		name = None
	}
	if _, err := parsePin([]byte(name)); err != nil {
		return err
	}
	if err := o.c.makeNodes(o.session, o.c.pinPath()); err != nil {
		return err
	}
	_, err := o.session.Conn.Set(o.c.pinPath(), []byte(name), -1)
	return o.c.explain("write", o.c.pinPath(), err)
}

// Pin returns the pin, "" for none.
func (o *Operator) Pin() (string, error) {
	data, _, err := o.session.Conn.Get(o.c.pinPath())
	if errors.Is(err, zk.ErrNoNode) {
		return "", nil
	}
	if err != nil {
		return "", o.c.explain("read", o.c.pinPath(), err)
	}
	name, err := parsePin(data)
	if err != nil {
		return "", fmt.Errorf("%s is of no use: %w; set the pin again", o.c.pinPath(), err)
	}
	return name, nil
}

// Reports returns what the processes tell, by their names, sorted. One whose report
// can't be read is there with its name only.
func (o *Operator) Reports() ([]Report, error) {
	names, _, err := o.session.Conn.Children(o.c.activePath())
	if errors.Is(err, zk.ErrNoNode) {
		return nil, nil
	}
	if err != nil {
		return nil, o.c.explain("read", o.c.activePath(), err)
	}
	slices.Sort(names)
	reports, failed := make([]Report, len(names)), make([]error, len(names))
	zksession.Pipeline(len(names), func(i int) {
		data, _, err := o.session.Conn.Get(o.c.activePath() + "/" + names[i])
		if failed[i] = err; err == nil {
			reports[i], err = parseReport(names[i], data)
			if err != nil {
				reports[i] = Report{Process: names[i]}
			}
		}
	})
	var list []Report
	for i, err := range failed {
		switch {
		case err == nil:
			list = append(list, reports[i])
		case !errors.Is(err, zk.ErrNoNode): // one that left meanwhile
			return nil, o.c.explain("read", o.c.activePath()+"/"+names[i], err)
		}
	}
	return list, nil
}
