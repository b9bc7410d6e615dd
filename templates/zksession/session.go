package zksession

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zookeeper/zk"
)

// closeGrace is how long Close leaves go-zookeeper to take the request to end
// the session before it lets it stop.
const closeGrace = 20 * time.Millisecond

// pipelined is how many questions are out at once.
const pipelined = 64

// ErrExpired says that the registry gave the session up, and the entry with it.
var ErrExpired = errors.New("the session with the registry expired, and the entry is gone")

// Session is one session with ZooKeeper, kept by go-zookeeper. Unlike that
// client, it never becomes another session by itself: once gone it is of no more
// use. Requests wait while no server is reached, and end with Close.
type Session struct {
	c      *Config
	resume bool // a lost connection is resumed; otherwise the session is gone with it
	failed func(error)
	event  func(path string)

	Conn  *zk.Conn      // for requests
	known chan struct{} // closed once conn is set, which go-zookeeper's goroutines may be ahead of
	ended chan struct{} // closed once go-zookeeper's goroutines have ended
	up    chan struct{}

	expired atomic.Bool
	dialing context.Context // ends with the session
	halt    context.CancelFunc
	closing sync.Once
	parking sync.Once
	parked  chan struct{} // closed once go-zookeeper waits for what follows the session's end
	closed  chan struct{} // closed once go-zookeeper knows that it is to stop

	mu   sync.Mutex
	wire *wire // the newest connection

	// Only the goroutine of go-zookeeper uses these.
	had  bool // the session was opened
	next int  // the server to try
	last time.Time
}

// Open starts a session in the background. failed hears why no server is
// reached; event hears the path of each node whose watch fires, in the order of
// the server's answers. Neither may block.
func Open(c *Config, resume bool, failed func(error), event func(path string)) (*Session, error) {
	s := &Session{
		c: c, resume: resume, failed: failed, event: event,
		known: make(chan struct{}), ended: make(chan struct{}), up: make(chan struct{}, 1),
		parked: make(chan struct{}), closed: make(chan struct{}),
		next: rand.IntN(len(c.Addresses)),
	}
	s.dialing, s.halt = context.WithCancel(context.Background())
	conn, events, err := zk.Connect(c.Addresses, c.SessionTimeout,
		zk.WithHostProvider((*servers)(s)), zk.WithDialer(s.dial), zk.WithEventCallback(s.on),
		zk.WithLogger(logger{c}), zk.WithLogInfo(false))
	if err != nil {
		s.halt()
		return nil, err
	}
	s.Conn = conn
	close(s.known)
	go func() {
		for range events {
			// They come through the callback too, and none is dropped there.
		}
		close(s.ended)
	}()
	return s, nil
}

// on hears every event of go-zookeeper, on the goroutine that reads.
func (s *Session) on(e zk.Event) {
	switch {
	case e.Type != zk.EventSession:
		s.event(e.Path)
	case e.State == zk.StateHasSession:
		s.had = true
		select {
		case s.up <- struct{}{}:
		default:
		}
	case e.State == zk.StateExpired:
		s.expired.Store(true)
		s.halt() // before go-zookeeper opens another
	case e.State == zk.StateDisconnected:
		s.last = time.Now() // the next attempt comes after a pause, so that not all clients come at once
		if s.had && !s.resume {
			s.halt()
		}
	}
}

// Up holds a value after the session was opened or resumed.
func (s *Session) Up() <-chan struct{} { return s.up }

// Expired reports whether the registry gave the session up.
func (s *Session) Expired() bool { return s.expired.Load() }

// Gone is closed once the session is of no more use.
func (s *Session) Gone() <-chan struct{} { return s.dialing.Done() }

// IsGone reports whether the session is of no more use.
func (s *Session) IsGone() bool { return s.dialing.Err() != nil }

// EndOr returns ErrExpired if the session expired, and otherwise err.
func (s *Session) EndOr(err error) error {
	if s.expired.Load() {
		return ErrExpired
	}
	return err
}

// Login sends the digest. ZooKeeper accepts a wrong one, and refuses what is
// asked for later.
func (s *Session) Login() error {
	if s.c.User == "" {
		return nil
	}
	return s.Conn.AddAuth("digest", []byte(s.c.User+":"+string(s.c.Password)))
}

// Close ends the session on the server, if it is reached, and waits until
// everything has stopped. It takes up to a second while the server is silent.
//
// go-zookeeper v1.0.4 lets its Close wait a second unless it is connected or
// looks for a server, hence the detours.
func (s *Session) Close() {
	s.closing.Do(func() {
		if s.IsGone() || s.Conn.State() != zk.StateHasSession {
			s.halt()
			s.cut()
			select {
			case <-s.parked:
			case <-s.ended:
			}
		}
		closed := make(chan struct{})
		go func() {
			s.Conn.Close()
			close(closed)
		}()
		select {
		case <-closed:
		case <-time.After(closeGrace):
		}
		s.halt()
		close(s.closed)
		<-closed
		s.cut()
	})
	<-s.ended
}

// cut closes the newest connection.
func (s *Session) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wire != nil {
		s.wire.Close()
	}
}

// dial is go-zookeeper's way to a server. The time that it asks for is ignored:
// it is always one second.
func (s *Session) dial(network, address string, _ time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(s.dialing, s.attemptTimeout())
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err == nil && s.c.TLS != nil {
		conn, err = s.secure(ctx, conn, address)
	}
	if err != nil {
		s.tell(fmt.Errorf("%s is not reached: %w", address, err))
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wire = &wire{Conn: conn, helloTimeout: s.attemptTimeout(), failed: s.tell}
	if s.dialing.Err() != nil {
		s.wire.Close()
	}
	return s.wire, nil
}

// tell passes on why there is no connection, unless we ended it ourselves.
func (s *Session) tell(err error) {
	if !s.IsGone() {
		s.failed(err)
	}
}

// secure makes a connection one of TLS, or closes it.
func (s *Session) secure(ctx context.Context, conn net.Conn, address string) (net.Conn, error) {
	config := s.c.TLS
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName, _, _ = net.SplitHostPort(address)
	}
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("TLS: %w", withoutPort(err))
	}
	return secured, nil
}

// attemptTimeout is the time of one attempt. All addresses get their turn before
// the time to reach the registry is over, and a session gets three attempts
// before it expires: a ZooKeeper that starts accepts connections that it never
// answers.
func (s *Session) attemptTimeout() time.Duration {
	turns := time.Duration(len(s.c.Addresses) + 1)
	return max(min(s.c.MaximumConnectionTimeout/turns, s.c.SessionTimeout/3), 100*time.Millisecond)
}

// servers names the servers to try in turn. Those of go-zookeeper v1.0.4 sleep
// for a second after each round and look names up only once.
type servers Session

// Init has nothing to do: names are looked up with each attempt.
func (s *servers) Init([]string) error { return nil }

// Len returns the number of servers.
func (s *servers) Len() int { return len(s.c.Addresses) }

// Next returns the server to try once the pause between attempts is over. The
// end of a round is told only when the session has ended, since go-zookeeper
// looks only then whether to stop.
func (s *servers) Next() (server string, retryStart bool) {
	if wait := time.Until(s.last.Add(s.c.ConnectionRetryTime)); wait > 0 {
		select {
		case <-s.dialing.Done():
		case <-time.After(wait):
		}
	}
	s.last = time.Now()
	server = s.c.Addresses[s.next%len(s.c.Addresses)]
	s.next++
	if s.dialing.Err() == nil {
		return server, false
	}
	s.parking.Do(func() {
		close(s.parked)
		go func() {
			<-s.known
			(*Session)(s).Close() // ends the requests that wait
		}()
	})
	<-s.closed
	return server, true
}

// Connected has nothing to do: the next attempt is the next server's.
func (s *servers) Connected() {}

// mostCauses is how many causes of one outage are logged.
const mostCauses = 20

// Causes are the errors that were logged since all was well. They are few, even
// if their texts differ by the ports of connections.
type Causes map[string]bool

// IsNew notes an error, and reports whether it is to be logged.
func (c Causes) IsNew(err error) bool {
	if c[err.Error()] || len(c) == mostCauses {
		return false
	}
	c[err.Error()] = true
	return true
}

// logger passes on what go-zookeeper says to those who log in detail.
type logger struct{ c *Config }

// Printf logs a line.
func (l logger) Printf(format string, values ...any) {
	l.c.Logger.Debug("registry: " + fmt.Sprintf(format, values...))
}

// Pipeline asks n questions, many at once, and returns when all are answered.
func Pipeline(n int, ask func(i int)) {
	slots := make(chan struct{}, pipelined)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			ask(i)
			<-slots
		})
	}
	all.Wait()
}

// ConnectionLost reports whether a request failed because the connection or
// the session was lost, so that the server may or may not have done it.
func ConnectionLost(err error) bool {
	return errors.Is(err, zk.ErrConnectionClosed) || errors.Is(err, zk.ErrSessionExpired) ||
		errors.Is(err, zk.ErrClosing) || errors.Is(err, zk.ErrNoServer)
}

// Refusal explains why a server refused what was asked for on a path.
func (c *Config) Refusal(verb, path string, err error) error {
	if !errors.Is(err, zk.ErrNoAuth) && !errors.Is(err, zk.ErrAuthFailed) {
		return fmt.Errorf("the registry does not let us %s %s: %w", verb, path, err)
	}
	if c.User == "" {
		return fmt.Errorf("the registry does not let everybody %s %s; set FAILOVER_REGISTRY_USER and FAILOVER_REGISTRY_PASSWORD", verb, path)
	}
	return fmt.Errorf("the registry does not let user %q %s %s: the user or the password is wrong, or the node is another's; correct FAILOVER_REGISTRY_USER or FAILOVER_REGISTRY_PASSWORD", c.User, verb, path)
}
