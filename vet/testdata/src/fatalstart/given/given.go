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

// Not reported: the caller may have set one. Nor does the process end for
// certain, since the start may go on forever.
func MustFromCaller(config hazelcast.Config) *hazelcast.Client {
	client, err := hazelcast.StartNewClientWithConfig(context.Background(), config)
	if err != nil {
		panic(err)
	}
	return client
}

// Not reported: the caller may have set one.
func FromCaller(config hazelcast.Config) (*hazelcast.Client, error) {
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

// Bad: only this package calls the function, with a configuration of its own.
func connect(config hazelcast.Config) (*hazelcast.Client, error) {
	return hazelcast.StartNewClientWithConfig(context.Background(), config) // want `StartNewClientWithConfig tries forever`
}

func connectAll() {
	connect(named("orders"))
	connect(hazelcast.Config{ClientName: "stock"})
}

func again(config hazelcast.Config, times int) (*hazelcast.Client, error) {
	if times > 0 {
		return again(config, times-1)
	}
	return hazelcast.StartNewClientWithConfig(context.Background(), config) // want `StartNewClientWithConfig tries forever`
}

func startAgain() (*hazelcast.Client, error) { return again(hazelcast.NewConfig(), 3) }
