package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/optional"
)

// Metrics collects what Prometheus is told of the client. Register it once for each
// client, with the metrics of your program: registry.MustRegister(client.Metrics()).
func (c *Client) Metrics() prometheus.Collector { return optional.Metrics(c.Client) }
