package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/optional"
)

// Metrics collects what Prometheus is told of the client, which is little enough to
// register it with the rest of a program's metrics.
func (c *Client) Metrics() prometheus.Collector { return optional.Metrics(c.Client) }
