// Package nearcache has the signatures of hazelcast-go-client/nearcache v1.6.0 that the test data uses.
package nearcache

type Config struct {
	Name              string
	TimeToLiveSeconds int
	MaxIdleSeconds    int
}

func (c *Config) SetInvalidateOnChange(enabled bool) {}
