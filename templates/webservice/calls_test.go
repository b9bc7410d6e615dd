package main

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// service answers each request by a function, without a network.
type service func(*http.Request) (*http.Response, error)

func (s service) RoundTrip(r *http.Request) (*http.Response, error) { return s(r) }

func reply(status int, body string) (*http.Response, error) {
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(strings.NewReader(body))}, nil
}

const (
	opening = `<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>`
	closing = `</S:Body></S:Envelope>`
	done    = opening + `<f:callResponse xmlns:f="http://failover.example.com/"><return>done</return></f:callResponse>` + closing
	fault   = opening + `<S:Fault><faultcode>S:Server</faultcode><faultstring>no such order</faultstring></S:Fault>` + closing
)

func TestTheLoopGoesOnAfterEveryKindOfFailure(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	calls := 0
	client := &http.Client{Transport: service(func(*http.Request) (*http.Response, error) {
		calls++
		failed := func(o outcome.Outcome) (*http.Response, error) {
			return nil, &outcome.Error{Outcome: o, Target: "http://a", Err: errors.New("out of order")}
		}
		switch calls {
		case 1:
			return failed(outcome.NotSent)
		case 2:
			return failed(outcome.Unknown)
		case 3:
			return reply(http.StatusInternalServerError, fault)
		case 4:
			return reply(http.StatusBadGateway, "<html>")
		default:
			stop()
			return reply(http.StatusOK, done)
		}
	})}
	total := callLoops(ctx, 1, client, uniqueIDs(), slog.New(slog.DiscardHandler))
	if got, want := total.String(), "1 acked, 1 not sent, 2 unknown, 1 rejected"; got != want {
		t.Errorf("after %d calls the tally is %q, want %q", calls, got, want)
	}
}

func TestWhatCallMakesOfAnAnswer(t *testing.T) {
	const none = ""
	for name, test := range map[string]struct {
		status            int
		body, reply, says string
		outcome           outcome.Outcome
	}{
		"a reply":         {200, done, "done", none, outcome.Acked},
		"a fault":         {500, fault, none, "S:Server: no such order", outcome.Rejected},
		"not available":   {503, "", none, "Service Unavailable", outcome.NotSent},
		"not found":       {404, "", none, "Not Found", outcome.Rejected},
		"an error page":   {502, "<html><body>", none, "Bad Gateway", outcome.Unknown},
		"not SOAP":        {200, "hello", none, "not SOAP", outcome.Unknown},
		"another message": {200, opening + "<x/>" + closing, none, "neither", outcome.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			client := &http.Client{Transport: service(func(*http.Request) (*http.Response, error) { return reply(test.status, test.body) })}
			got, err := call(context.Background(), client, "1")
			if got != test.reply || outcome.Of(err) != test.outcome || (err != nil) != (test.says != none) || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %q, %v (%v)", got, err, outcome.Of(err))
			}
		})
	}
}

func TestAFaultCanBeHandled(t *testing.T) {
	client := &http.Client{Transport: service(func(*http.Request) (*http.Response, error) { return reply(500, fault) })}
	_, err := call(context.Background(), client, "1")
	var f *Fault
	if !errors.As(err, &f) || f.Code != "S:Server" || f.Text != "no such order" {
		t.Errorf("got %v", err)
	}
}

// A call says its id in the message and in the context, where the ledger finds it.
func TestACallCarriesItsID(t *testing.T) {
	const id = `a<&"b`
	var inMessage struct {
		ID string `xml:"Body>call>arg0"`
	}
	var inContext string
	client := &http.Client{Transport: service(func(r *http.Request) (*http.Response, error) {
		inContext = idOf(r.Context())
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = xml.Unmarshal(body, &inMessage)
		}
		if err != nil {
			t.Error(err)
		}
		return reply(200, done)
	})}
	if _, err := call(context.Background(), client, id); err != nil || inMessage.ID != id || inContext != id {
		t.Errorf("%v, %q in the message, %q in the context", err, inMessage.ID, inContext)
	}
}

func TestIDsAreUnique(t *testing.T) {
	id := uniqueIDs()
	if a, b := id(), id(); a == b {
		t.Errorf("twice %q", a)
	}
}
