package fix

import (
	"context"

	"github.com/hazelcast/hazelcast-go-client"
)

func start() (*hazelcast.Client, error) {
	client, err := hazelcast.StartNewClient(context.Background()) // want `StartNewClient tries forever`
	if err != nil {
		return nil, err
	}
	return client, nil
}
