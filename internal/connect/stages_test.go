package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/standin"
)

const password = "secret-pass-1"

// start starts a stand-in, and returns what a project would know of it.
func start(t *testing.T, o standin.Options) (*standin.Cluster, *Target) {
	t.Helper()
	c, err := standin.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	target := &Target{
		Number: 2, At: fault.Position{File: "orders/failover.yaml", Line: 7, Column: 13}, Name: c.Name(), DiscoveryURL: c.DiscoveryURL(), Token: c.Token(),
		Username: o.Username, Password: o.Password, TLS: c.ClientTLS(), Map: "orders", Timeout: 5 * time.Second,
	}
	if !o.Plain {
		target.Keystore, target.Truststore = "orders/resources/client2.keystore", "orders/resources/client2.truststore"
	}
	return c, target
}

// connectTo connects to one target and checks that nothing secret is shown and
// that the time is kept.
func connectTo(t *testing.T, target *Target) Cluster {
	t.Helper()
	begun := time.Now()
	clusters, err := Run(t.Context(), []Target{*target}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > target.Timeout+2*time.Second { // the rest is for a busy machine
		t.Errorf("it took %v, want at most connectTimeout, %v", took, target.Timeout)
	}
	c := clusters[0]
	said := c.Faults.Error()
	for _, s := range c.Stages {
		said += s.Detail
	}
	for _, secret := range []string{target.Token, target.Password} {
		if secret != "" && strings.Contains(said, secret) {
			t.Errorf("a secret is shown: %s", said)
		}
	}
	return c
}

// verdicts are the stages with what came of each, as in "tls ok, read not tried".
func verdicts(c Cluster) string {
	var list []string
	for _, s := range c.Stages {
		list = append(list, s.Name+" "+s.Verdict())
	}
	return strings.Join(list, ", ")
}

func TestAllStagesOfAHealthyCluster(t *testing.T) {
	for name, tt := range map[string]struct {
		options standin.Options
		want    string
	}{
		"tls":   {standin.Options{Members: 2, Username: "ann", Password: password}, "discovery ok, tcp ok, tls ok, authentication ok, read ok"},
		"plain": {standin.Options{Plain: true}, "discovery ok, tcp ok, authentication ok, read ok"},
	} {
		t.Run(name, func(t *testing.T) {
			_, target := start(t, tt.options)
			c := connectTo(t, target)
			if got := verdicts(c); got != tt.want || !c.OK() {
				t.Errorf("got %s\n%v", got, c.Faults)
			}
			read := c.Stages[len(c.Stages)-1]
			if !strings.Contains(read.Detail, `map "orders" has 0 entries`) {
				t.Errorf("read: %q", read.Detail)
			}
		})
	}
}

func TestAddressesTakeThePlaceOfDiscovery(t *testing.T) {
	cluster, target := start(t, standin.Options{Plain: true})
	target.DiscoveryURL, target.Addresses = "", cluster.Addresses()
	if got := verdicts(connectTo(t, target)); got != "tcp ok, authentication ok, read ok" {
		t.Error(got)
	}
	if n := cluster.Discovery().Requests(); n != 0 {
		t.Errorf("discovery was asked %d times", n)
	}
}

// What is broken, and what must be said of it.
type broken struct {
	options standin.Options
	breakIt func(t *testing.T, c *standin.Cluster, target *Target)
	stages  string   // the verdicts
	says    []string // what the error must hold
}

const (
	before = "discovery ok, tcp ok, tls FAILED, authentication not tried, read not tried"
	yaml   = "orders/failover.yaml:7:13: cluster 2 (pr-0001): "
)

// soon shortens the timeout where it is waited for.
func soon(target *Target) { target.Timeout = 300 * time.Millisecond }

var cases = map[string]broken{
	"discovery refuses": {
		breakIt: func(_ *testing.T, c *standin.Cluster, _ *Target) { c.Discovery().Down() },
		stages:  "discovery FAILED, tcp not tried, tls not tried, authentication not tried, read not tried",
		says:    []string{yaml + "discovery: 127.0.0.1:", "refuses the connection", "; check the discovery URL"},
	},
	"discovery is mute": {
		breakIt: func(_ *testing.T, c *standin.Cluster, target *Target) { soon(target); c.Discovery().Hang() },
		stages:  "discovery FAILED, tcp not tried, tls not tried, authentication not tried, read not tried",
		says:    []string{"discovery: 127.0.0.1:", "does not answer within 300ms", "; check the discovery URL"},
	},
	"wrong token": {
		breakIt: func(_ *testing.T, _ *standin.Cluster, target *Target) { target.Token = "wrong+token" },
		stages:  "discovery FAILED, tcp not tried, tls not tried, authentication not tried, read not tried",
		says:    []string{"401 Unauthorized: it refuses the token", "; compare FAILOVER_2_TOKEN with the token of pr-0001 in the console"},
	},
	"discovery answers 404": {
		breakIt: func(_ *testing.T, _ *standin.Cluster, target *Target) { target.DiscoveryURL += "/elsewhere" },
		stages:  "discovery FAILED, tcp not tried, tls not tried, authentication not tried, read not tried",
		says:    []string{"answers 404 Not Found", "; compare the discovery URL and FAILOVER_2_TOKEN"},
	},
	"discovery answers a page": {
		breakIt: func(_ *testing.T, c *standin.Cluster, _ *Target) { c.Discovery().Nonsense() },
		stages:  "discovery FAILED, tcp not tried, tls not tried, authentication not tried, read not tried",
		says:    []string{"does not answer with a list of members", "; correct FAILOVER_2_DISCOVERY_URL"},
	},
	"port closed": {
		breakIt: func(_ *testing.T, c *standin.Cluster, _ *Target) { c.Kill() },
		stages:  "discovery ok, tcp FAILED, tls not tried, authentication not tried, read not tried",
		says:    []string{yaml + "tcp: 127.0.0.1:", "refuses the connection: nothing listens there", "; check that the cluster runs"},
	},
	"blackhole": {
		breakIt: func(_ *testing.T, c *standin.Cluster, target *Target) {
			soon(target)
			c.Blackhole()
			time.Sleep(100 * time.Millisecond) // in which the kernel may still accept
		},
		stages: "discovery ok, tcp FAILED, tls not tried, authentication not tried, read not tried",
		says:   []string{"tcp: 127.0.0.1:", "does not answer within 300ms", "firewall"},
	},
	"authority not trusted": {
		breakIt: func(t *testing.T, _ *standin.Cluster, target *Target) {
			target.TLS.RootCAs = issue(t, nil, pki.Authority("another")).Pool()
		},
		stages: before,
		says: []string{"orders/resources/client2.truststore: cluster 2 (pr-0001): tls: the certificate of 127.0.0.1:", "is signed by CN=pr-0001 stand-in authority, which is not trusted",
			"; take the truststore of pr-0001 from the console again"},
	},
	"certificate of the member expired": {
		breakIt: func(t *testing.T, c *standin.Cluster, _ *Target) {
			if err := c.Expire(); err != nil {
				t.Fatal(err)
			}
		},
		stages: before,
		says:   []string{yaml + "tls: the certificate of 127.0.0.1:", "(CN=hazelcast.cloud) is valid from", "only; have it renewed"},
	},
	"wrong server name": {
		breakIt: func(_ *testing.T, _ *standin.Cluster, target *Target) { target.TLS.ServerName = "other.example.com" },
		stages:  before,
		says:    []string{`is not for "other.example.com"; it is for hazelcast.cloud, 127.0.0.1`, "set serverName in failover.yaml", "FAILOVER_2_SERVER_NAME"},
	},
	"our certificate refused": {
		breakIt: func(t *testing.T, _ *standin.Cluster, target *Target) {
			target.TLS.Certificates = []tls.Certificate{issue(t, nil, pki.Client("stranger")).TLS()}
		},
		stages: before,
		says:   []string{"orders/resources/client2.keystore: cluster 2 (pr-0001): tls: 127.0.0.1:", "refuses our certificate: ", "; take the client certificate of pr-0001 from the console again"},
	},
	"our certificate expired": {
		breakIt: func(t *testing.T, _ *standin.Cluster, target *Target) {
			ended := pki.Client("late")
			ended.NotAfter = time.Now().Add(-time.Hour)
			target.TLS.Certificates = []tls.Certificate{issue(t, nil, ended).TLS()}
		},
		stages: before,
		says:   []string{"orders/resources/client2.keystore: ", "refuses our certificate, which expired on " + time.Now().Add(-time.Hour).UTC().Format(time.DateOnly), "; put a renewed one here"},
	},
	"no certificate to show": {
		breakIt: func(_ *testing.T, _ *standin.Cluster, target *Target) {
			target.TLS.Certificates, target.Keystore = nil, ""
		},
		stages: before,
		says:   []string{"asks for a client certificate, and there is none to show", "; name a keystore in FAILOVER_2_KEYSTORE"},
	},
	"frozen before TLS": {
		breakIt: func(_ *testing.T, c *standin.Cluster, target *Target) { soon(target); c.Freeze() },
		stages:  before,
		says:    []string{"does not finish the TLS handshake within 300ms", "; look at the member"},
	},
	"member speaks no TLS": {
		options: standin.Options{Plain: true},
		breakIt: func(t *testing.T, _ *standin.Cluster, target *Target) {
			target.TLS = &tls.Config{ServerName: "hazelcast.cloud", RootCAs: issue(t, nil, pki.Authority("a")).Pool()}
		},
		stages: before,
		says:   []string{"closes the connection during the TLS handshake", "; look at the log of the member"},
	},
	"frozen after TLS": {
		breakIt: func(t *testing.T, c *standin.Cluster, target *Target) { soon(target); answerWith(t, c, target, mute) },
		stages:  "tcp ok, tls ok, authentication FAILED, read not tried",
		says:    []string{yaml + "authentication: 127.0.0.1:", "does not answer to authentication within 300ms", "; look at the member"},
	},
	"hangs up after TLS": {
		breakIt: func(t *testing.T, c *standin.Cluster, target *Target) { answerWith(t, c, target, hangUp) },
		stages:  "tcp ok, tls ok, authentication FAILED, read not tried",
		says:    []string{"closes the connection instead of answering to authentication", "; look at the log of the member"},
	},
	"another protocol": {
		breakIt: func(t *testing.T, c *standin.Cluster, target *Target) { answerWith(t, c, target, webServer) },
		stages:  "tcp ok, tls ok, authentication FAILED, read not tried",
		says:    []string{"does not answer as a Hazelcast member", "; check the port"},
	},
	"wrong cluster name": {
		breakIt: func(_ *testing.T, _ *standin.Cluster, target *Target) { target.Name = "pr-9999" },
		stages:  "discovery ok, tcp ok, tls ok, authentication FAILED, read not tried",
		says:    []string{`cluster 2 (pr-9999): authentication: `, `its cluster has another name than "pr-9999", or asks for a user`, "; compare the name with the console"},
	},
	"wrong password": {
		options: standin.Options{Username: "ann", Password: password},
		breakIt: func(_ *testing.T, _ *standin.Cluster, target *Target) { target.Password = "wrong-pass" },
		stages:  "discovery ok, tcp ok, tls ok, authentication FAILED, read not tried",
		says:    []string{`the user "ann" or the password is wrong`, "FAILOVER_2_PASSWORD"},
	},
	"not allowed": {
		breakIt: func(_ *testing.T, c *standin.Cluster, _ *Target) { c.RefuseAuth(standin.NotAllowed) },
		stages:  "discovery ok, tcp ok, tls ok, authentication FAILED, read not tried",
		says:    []string{"this client is not allowed in the cluster", "; look at the client filtering of the cluster in Management Center"},
	},
	"other serialization": {
		breakIt: func(_ *testing.T, c *standin.Cluster, _ *Target) { c.RefuseAuth(standin.SerializationFailed) },
		stages:  "discovery ok, tcp ok, tls ok, authentication FAILED, read not tried",
		says:    []string{"another version of serialization", "; use a cluster of Hazelcast 5"},
	},
	"member wants TLS": {
		breakIt: func(_ *testing.T, _ *standin.Cluster, target *Target) { target.TLS = nil },
		stages:  "discovery ok, tcp ok, authentication FAILED, read not tried",
		says:    []string{"speaks TLS, but this cluster is declared to have none", "; remove tls: off from failover.yaml"},
	},
	"may not read": {
		breakIt: func(_ *testing.T, c *standin.Cluster, _ *Target) { c.RefuseOperations(standin.CodeAccessControl) },
		stages:  "discovery ok, tcp ok, tls ok, authentication ok, read FAILED",
		says:    []string{`does not permit us to read the map "orders"`, "; have the permission given"},
	},
	"read fails": {
		breakIt: func(_ *testing.T, c *standin.Cluster, _ *Target) { c.RefuseOperations(standin.CodeInstanceNotActive) },
		stages:  "discovery ok, tcp ok, tls ok, authentication ok, read FAILED",
		says:    []string{`answers to reading the size of the map "orders" with an error: HazelcastException`, "; look at the log of the member"},
	},
	"frozen after authentication": {
		breakIt: func(t *testing.T, c *standin.Cluster, target *Target) {
			soon(target)
			answerWith(t, c, target, onlyLogin)
		},
		stages: "tcp ok, tls ok, authentication ok, read FAILED",
		says:   []string{`does not answer to reading the size of the map "orders" within 300ms`, "; try again if the cluster was just started; otherwise look at its members"},
	},
}

func TestTheFirstStageThatFailsIsNamedWithCauseAndRemedy(t *testing.T) {
	for name, b := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster, target := start(t, b.options)
			b.breakIt(t, cluster, target)
			c := connectTo(t, target)
			if got := verdicts(c); got != b.stages {
				t.Errorf("got  %s\nwant %s", got, b.stages)
			}
			if len(c.Faults) != 1 {
				t.Fatalf("%d errors, want 1: %v", len(c.Faults), c.Faults)
			}
			for _, part := range b.says {
				if !strings.Contains(c.Faults[0].Error(), part) {
					t.Errorf("got %q, want it to say %q", c.Faults[0], part)
				}
			}
			if c.Faults[0].Kind != fault.Finding {
				t.Errorf("the kind is %d, want that of a finding", c.Faults[0].Kind)
			}
		})
	}
}

// One member that can be used makes a usable cluster; the other is named.
func TestAMemberThatCannotBeReachedIsNamedBesideOneThatCan(t *testing.T) {
	cluster, target := start(t, standin.Options{Members: 2})
	cluster.KillMember(0)
	c := connectTo(t, target)
	if !c.OK() {
		t.Fatal(c.Faults)
	}
	tcp := c.Stages[1]
	if !strings.HasPrefix(tcp.Detail, "1 of 2 members; "+cluster.Addresses()[1]+"; "+cluster.Addresses()[0]+" refuses the connection") {
		t.Errorf("got %q", tcp.Detail)
	}
}

func TestTheCausesOfAllMembersAreToldWhereNoneCanBeUsed(t *testing.T) {
	cluster, target := start(t, standin.Options{Members: 2})
	cluster.Kill()
	c := connectTo(t, target)
	if len(c.Faults) != 2 || !strings.Contains(c.Faults[0].Cause, cluster.Addresses()[0]) || !strings.Contains(c.Faults[1].Cause, cluster.Addresses()[1]) {
		t.Errorf("got %v, want an error for each member", c.Faults)
	}
}

// Several clusters take no longer than the slowest.
func TestClustersAreTriedSideBySide(t *testing.T) {
	var targets []Target
	for range 8 {
		l := listen(t)
		targets = append(targets, Target{Name: "mute", Addresses: []string{l.Addr().String()}, Map: "m", Timeout: time.Second})
	}
	begun := time.Now()
	clusters, err := Run(t.Context(), targets, time.Now())
	if took := time.Since(begun); err != nil || took < time.Second || took > 3*time.Second {
		t.Errorf("it took %v (%v), want about 1s", took, err)
	}
	for _, c := range clusters {
		if got := verdicts(c); got != "tcp ok, authentication FAILED, read not tried" {
			t.Error(got)
		}
	}
}

func TestItEndsAtOnceWhenItIsCancelled(t *testing.T) {
	l := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	begun := time.Now()
	_, err := Run(ctx, []Target{{Name: "mute", Addresses: []string{l.Addr().String()}, Timeout: time.Minute}}, time.Now())
	if took := time.Since(begun); err == nil || took > 10*time.Second {
		t.Errorf("it took %v (%v)", took, err)
	}
}

// The read leaves no trace: a map that does not exist is not made.
func TestNothingIsChangedInTheCluster(t *testing.T) {
	cluster, target := start(t, standin.Options{Plain: true})
	address, sent := relay(t, cluster.Addresses()[0])
	target.DiscoveryURL, target.Addresses = "", []string{address}
	if c := connectTo(t, target); !c.OK() {
		t.Fatal(c.Faults)
	}
	if got, want := sent(), []uint32{typeAuthentication, typeMapSize}; !slices.Equal(got, want) {
		t.Errorf("messages %x were sent, want %x", got, want)
	}
}

func TestCertificatesOfBothSidesAreTold(t *testing.T) {
	_, target := start(t, standin.Options{Members: 2})
	now := time.Now()
	clusters, err := Run(t.Context(), []Target{*target}, now)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range clusters[0].Certificates {
		got = append(got, c.Of+" "+c.Subject)
		if want := int(c.NotAfter.Sub(now).Hours() / 24); c.DaysLeft != want {
			t.Errorf("%s: %d days left, want %d", c.Subject, c.DaysLeft, want)
		}
	}
	want := []string{"client CN=pr-0001 client", "member CN=hazelcast.cloud", "member CN=pr-0001 stand-in authority"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestACertificateThatIsRefusedIsToldToo(t *testing.T) {
	cluster, target := start(t, standin.Options{})
	if err := cluster.Expire(); err != nil {
		t.Fatal(err)
	}
	c := connectTo(t, target)
	i := slices.IndexFunc(c.Certificates, func(c Certificate) bool { return c.Of == "member" })
	if i < 0 || c.Certificates[i].DaysLeft != -1 || !strings.Contains(c.Certificates[i].Text(), "expired on ") {
		t.Errorf("got %+v, want the member's with -1 days left", c.Certificates)
	}
}

// discoveryInTLS is a discovery service with a certificate.
func discoveryInTLS(t *testing.T, answer http.HandlerFunc) *httptest.Server {
	server := httptest.NewUnstartedServer(answer)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it is told of each client that hangs up
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestTheCertificateOfDiscoveryIsTold(t *testing.T) {
	cluster, target := start(t, standin.Options{Plain: true})
	server := discoveryInTLS(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `[{"private-address":"10.0.0.1","public-address":"`+cluster.Addresses()[0]+`"}]`)
	})
	target.DiscoveryURL = server.URL
	refused := connectTo(t, target)
	if len(refused.Faults) != 1 || !strings.Contains(refused.Faults[0].Error(), "is signed by O=Acme Co, which is not trusted; have this system trust that authority") {
		t.Errorf("got %v", refused.Faults)
	}
	target.discoveryTLSConfig = &tls.Config{RootCAs: x509.NewCertPool()}
	target.discoveryTLSConfig.RootCAs.AddCert(server.Certificate())
	accepted := connectTo(t, target)
	if !accepted.OK() {
		t.Fatal(accepted.Faults)
	}
	for what, c := range map[string]Cluster{"refused": refused, "accepted": accepted} {
		if len(c.Certificates) != 1 || c.Certificates[0].Of != "discovery" || c.Certificates[0].Subject != "O=Acme Co" {
			t.Errorf("%s: got %+v", what, c.Certificates)
		}
	}
}

// The token stays with the host that it is for, and is shown nowhere, even if the
// server sends it back.
func TestATokenIsNeitherPassedOnNorShown(t *testing.T) {
	asked := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(elsewhere.Close)
	_, target := start(t, standin.Options{Plain: true})
	for _, status := range []int{http.StatusFound, http.StatusTooManyRequests, http.StatusBadGateway} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.RequestURI(), status)
		}))
		target.DiscoveryURL = server.URL
		if c := connectTo(t, target); len(c.Faults) != 1 || !strings.HasPrefix(verdicts(c), "discovery FAILED") {
			t.Errorf("%d: got %v", status, c.Faults)
		}
		server.Close()
	}
	if asked {
		t.Error("the redirect was followed")
	}
}

func TestWhatDiscoveryAnswersIsChecked(t *testing.T) {
	_, target := start(t, standin.Options{Plain: true})
	for answer, want := range map[string]string{
		`[]`:                          "knows no member of this cluster; start or resume the cluster",
		`[{"public-address":"host"}]`: "answers with an address that is not host:port",
		`[{"public-address":`:         "does not answer with a list of members",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
		target.DiscoveryURL = server.URL
		if c := connectTo(t, target); !strings.Contains(c.Faults.Error(), want) {
			t.Errorf("%s: got %v, want %q", answer, c.Faults, want)
		}
		server.Close()
	}
}

// The password of a proxy may stand in the variable that names it.
func TestAMalformedProxyIsNotShown(t *testing.T) {
	target := Target{Number: 1, DiscoveryURL: "https://api.example.com"}
	if why := target.whyNoAnswer(errProxy); !strings.Contains(why.cause, "HTTPS_PROXY") {
		t.Errorf("got %+v", why)
	}
}
