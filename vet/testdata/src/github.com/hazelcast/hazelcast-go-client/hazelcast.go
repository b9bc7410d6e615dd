// Package hazelcast has the signatures of hazelcast-go-client v1.6.0 that the
// test data uses, and nothing behind them.
package hazelcast

import (
	"context"
	"time"

	"github.com/hazelcast/hazelcast-go-client/cluster"
	"github.com/hazelcast/hazelcast-go-client/nearcache"
	"github.com/hazelcast/hazelcast-go-client/sql"
	"github.com/hazelcast/hazelcast-go-client/types"
)

type Config struct {
	NearCaches []nearcache.Config
	ClientName string
	Failover   cluster.FailoverConfig
	Cluster    cluster.Config
}

func NewConfig() Config                                                       { return Config{} }
func (c *Config) AddLifecycleListener(LifecycleStateChangeHandler) types.UUID { panic("stub") }
func (c *Config) AddMembershipListener(cluster.MembershipStateChangeHandler) types.UUID {
	panic("stub")
}
func (c *Config) AddNearCache(nearcache.Config) {}

type Client struct{}

func StartNewClient(ctx context.Context) (*Client, error)                          { panic("stub") }
func StartNewClientWithConfig(ctx context.Context, config Config) (*Client, error) { panic("stub") }

func (c *Client) Running() bool                                                        { panic("stub") }
func (c *Client) SQL() sql.Service                                                     { panic("stub") }
func (c *Client) Shutdown(ctx context.Context) error                                   { panic("stub") }
func (c *Client) AddLifecycleListener(LifecycleStateChangeHandler) (types.UUID, error) { panic("stub") }
func (c *Client) AddMembershipListener(cluster.MembershipStateChangeHandler) (types.UUID, error) {
	panic("stub")
}
func (c *Client) AddDistributedObjectListener(ctx context.Context, handler DistributedObjectNotifiedHandler) (types.UUID, error) {
	panic("stub")
}
func (c *Client) GetFlakeIDGenerator(ctx context.Context, name string) (*FlakeIDGenerator, error) {
	panic("stub")
}
func (c *Client) GetList(ctx context.Context, name string) (*List, error)           { panic("stub") }
func (c *Client) GetMap(ctx context.Context, name string) (*Map, error)             { panic("stub") }
func (c *Client) GetMultiMap(ctx context.Context, name string) (*MultiMap, error)   { panic("stub") }
func (c *Client) GetPNCounter(ctx context.Context, name string) (*PNCounter, error) { panic("stub") }
func (c *Client) GetQueue(ctx context.Context, name string) (*Queue, error)         { panic("stub") }
func (c *Client) GetReplicatedMap(ctx context.Context, name string) (*ReplicatedMap, error) {
	panic("stub")
}
func (c *Client) GetRingbuffer(ctx context.Context, name string) (*Ringbuffer, error) { panic("stub") }
func (c *Client) GetSet(ctx context.Context, name string) (*Set, error)               { panic("stub") }
func (c *Client) GetTopic(ctx context.Context, name string) (*Topic, error)           { panic("stub") }

func NewLockContext(ctx context.Context) context.Context { panic("stub") }

type proxy struct{}

func (p *proxy) Destroy(ctx context.Context) error { panic("stub") }
func (p *proxy) Name() string                      { panic("stub") }

type Map struct{ *proxy }

func (m *Map) NewLockContext(ctx context.Context) context.Context                   { panic("stub") }
func (m *Map) Put(ctx context.Context, key, value interface{}) (interface{}, error) { panic("stub") }
func (m *Map) PutAll(ctx context.Context, entries ...types.Entry) error             { panic("stub") }
func (m *Map) PutIfAbsent(ctx context.Context, key, value interface{}) (interface{}, error) {
	panic("stub")
}
func (m *Map) PutWithTTL(ctx context.Context, key, value interface{}, ttl time.Duration) (interface{}, error) {
	panic("stub")
}
func (m *Map) Set(ctx context.Context, key, value interface{}) error { panic("stub") }
func (m *Map) SetWithTTL(ctx context.Context, key, value interface{}, ttl time.Duration) error {
	panic("stub")
}
func (m *Map) TryPut(ctx context.Context, key, value interface{}) (bool, error) { panic("stub") }
func (m *Map) Replace(ctx context.Context, key, value interface{}) (interface{}, error) {
	panic("stub")
}
func (m *Map) ReplaceIfSame(ctx context.Context, key, oldValue, newValue interface{}) (bool, error) {
	panic("stub")
}
func (m *Map) Get(ctx context.Context, key interface{}) (interface{}, error)          { panic("stub") }
func (m *Map) GetAll(ctx context.Context, keys ...interface{}) ([]types.Entry, error) { panic("stub") }
func (m *Map) GetEntrySet(ctx context.Context) ([]types.Entry, error)                 { panic("stub") }
func (m *Map) ContainsKey(ctx context.Context, key interface{}) (bool, error)         { panic("stub") }
func (m *Map) Size(ctx context.Context) (int, error)                                  { panic("stub") }
func (m *Map) Remove(ctx context.Context, key interface{}) (interface{}, error)       { panic("stub") }
func (m *Map) Delete(ctx context.Context, key interface{}) error                      { panic("stub") }
func (m *Map) Clear(ctx context.Context) error                                        { panic("stub") }
func (m *Map) ExecuteOnKey(ctx context.Context, entryProcessor, key interface{}) (interface{}, error) {
	panic("stub")
}
func (m *Map) Lock(ctx context.Context, key interface{}) error            { panic("stub") }
func (m *Map) TryLock(ctx context.Context, key interface{}) (bool, error) { panic("stub") }
func (m *Map) Unlock(ctx context.Context, key interface{}) error          { panic("stub") }
func (m *Map) AddListener(ctx context.Context, listener MapListener, includeValue bool) (types.UUID, error) {
	panic("stub")
}
func (m *Map) AddEntryListener(ctx context.Context, config MapEntryListenerConfig, handler EntryNotifiedHandler) (types.UUID, error) {
	panic("stub")
}
func (m *Map) RemoveListener(ctx context.Context, subscriptionID types.UUID) error { panic("stub") }
func (m *Map) AddIndex(ctx context.Context, indexConfig types.IndexConfig) error   { panic("stub") }

type MapListener struct {
	EntryAdded, EntryRemoved, EntryUpdated, EntryEvicted func(event *EntryNotified)
}

type MapEntryListenerConfig struct {
	Key          interface{}
	IncludeValue bool
}

func (c *MapEntryListenerConfig) NotifyEntryAdded(enable bool) {}

type MultiMap struct{ *proxy }

func (m *MultiMap) Put(ctx context.Context, key, value interface{}) (bool, error)   { panic("stub") }
func (m *MultiMap) Get(ctx context.Context, key interface{}) ([]interface{}, error) { panic("stub") }
func (m *MultiMap) Delete(ctx context.Context, key interface{}) error               { panic("stub") }
func (m *MultiMap) RemoveEntry(ctx context.Context, key, value interface{}) (bool, error) {
	panic("stub")
}

type ReplicatedMap struct{ *proxy }

func (m *ReplicatedMap) Put(ctx context.Context, key, value interface{}) (interface{}, error) {
	panic("stub")
}
func (m *ReplicatedMap) Get(ctx context.Context, key interface{}) (interface{}, error) { panic("stub") }
func (m *ReplicatedMap) AddEntryListener(ctx context.Context, handler EntryNotifiedHandler) (types.UUID, error) {
	panic("stub")
}

type Queue struct{ *proxy }

func (q *Queue) Add(ctx context.Context, value interface{}) (bool, error) { panic("stub") }
func (q *Queue) Put(ctx context.Context, value interface{}) error         { panic("stub") }
func (q *Queue) Poll(ctx context.Context) (interface{}, error)            { panic("stub") }
func (q *Queue) Take(ctx context.Context) (interface{}, error)            { panic("stub") }
func (q *Queue) Peek(ctx context.Context) (interface{}, error)            { panic("stub") }
func (q *Queue) Size(ctx context.Context) (int, error)                    { panic("stub") }
func (q *Queue) AddItemListener(ctx context.Context, includeValue bool, handler QueueItemNotifiedHandler) (types.UUID, error) {
	panic("stub")
}

type List struct{ *proxy }

func (l *List) Add(ctx context.Context, element interface{}) (bool, error)   { panic("stub") }
func (l *List) Get(ctx context.Context, index int) (interface{}, error)      { panic("stub") }
func (l *List) RemoveAt(ctx context.Context, index int) (interface{}, error) { panic("stub") }

type Set struct{ *proxy }

func (s *Set) Add(ctx context.Context, item interface{}) (bool, error)      { panic("stub") }
func (s *Set) Contains(ctx context.Context, item interface{}) (bool, error) { panic("stub") }
func (s *Set) Remove(ctx context.Context, item interface{}) (bool, error)   { panic("stub") }

type Topic struct{ *proxy }

func (t *Topic) Publish(ctx context.Context, message interface{}) error { panic("stub") }
func (t *Topic) AddMessageListener(ctx context.Context, handler TopicMessageHandler) (types.UUID, error) {
	panic("stub")
}

type OverflowPolicy int

const (
	OverflowPolicyOverwrite OverflowPolicy = iota
	OverflowPolicyFail
)

type Ringbuffer struct{ *proxy }

func (rb *Ringbuffer) Add(ctx context.Context, item interface{}, overflowPolicy OverflowPolicy) (int64, error) {
	panic("stub")
}
func (rb *Ringbuffer) ReadOne(ctx context.Context, sequence int64) (interface{}, error) {
	panic("stub")
}

type PNCounter struct{ *proxy }

func (pn *PNCounter) IncrementAndGet(ctx context.Context) (int64, error)        { panic("stub") }
func (pn *PNCounter) AddAndGet(ctx context.Context, delta int64) (int64, error) { panic("stub") }
func (pn *PNCounter) Get(ctx context.Context) (int64, error)                    { panic("stub") }

type FlakeIDGenerator struct{ *proxy }

func (f *FlakeIDGenerator) NewID(ctx context.Context) (int64, error) { panic("stub") }

type LifecycleState int

const (
	LifecycleStateStarting LifecycleState = iota
	LifecycleStateStarted
	LifecycleStateShuttingDown
	LifecycleStateShutDown
	LifecycleStateConnected
	LifecycleStateDisconnected
	LifecycleStateChangedCluster
)

type LifecycleStateChanged struct{ State LifecycleState }

type (
	LifecycleStateChangeHandler      func(event LifecycleStateChanged)
	EntryNotifiedHandler             func(event *EntryNotified)
	QueueItemNotifiedHandler         func(event *QueueItemNotified)
	TopicMessageHandler              func(event *MessagePublished)
	DistributedObjectNotifiedHandler func(event DistributedObjectNotified)
)

type EntryNotified struct{ Key, Value, OldValue interface{} }

type QueueItemNotified struct{ Value interface{} }

type MessagePublished struct{ Value interface{} }

type DistributedObjectNotified struct{ ObjectName string }
