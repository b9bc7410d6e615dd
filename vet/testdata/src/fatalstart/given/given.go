// Package given gets its configuration from elsewhere.
package given

import (
	"context"
	"encoding/json"

	"github.com/hazelcast/hazelcast-go-client"
)

// Not reported: the file may have a limit.
func fromFile(data []byte) (*hazelcast.Client, error) {
	var config hazelcast.Config
	if err := json.Unmarshal(data, &config); err != nil {
		return nil, err
	}
	return hazelcast.StartNewClientWithConfig(context.Background(), config)
}

// Not reported: the caller may have set one.
func fromCaller(config hazelcast.Config) (*hazelcast.Client, error) {
	return hazelcast.StartNewClientWithConfig(context.Background(), config)
}

// Bad: this package makes the configuration, and sets none.
func own() (*hazelcast.Client, error) {
	config := named("orders")
	return hazelcast.StartNewClientWithConfig(context.Background(), config) // want `StartNewClientWithConfig tries forever`
}

func named(name string) hazelcast.Config {
	config := hazelcast.NewConfig()
	config.ClientName = name
	return config
}
