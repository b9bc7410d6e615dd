package connect

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/standin"
)

// The cloud gives the port with the public address only.
func TestMembersAreToldWithBothAddresses(t *testing.T) {
	cluster, target := start(t, standin.Options{Members: 2, PrivateAddresses: true, Plain: true})
	nodes, err := target.Members(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, public := range cluster.Addresses() {
		_, port, _ := net.SplitHostPort(public)
		if want := (Node{Private: fmt.Sprintf("10.0.0.%d:%s", i+1, port), Public: public}); nodes[i] != want {
			t.Errorf("got %v, want %v", nodes[i], want)
		}
	}
	target.Token = "wrong-token"
	if _, err := target.Members(t.Context()); err == nil || !strings.Contains(err.Error(), "it refuses the token") || strings.Contains(err.Error(), "wrong-token") {
		t.Errorf("a wrong token: %v", err)
	}
}
