package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
)

// drainTimeout is how long calls may go on when the program is told to stop.
const drainTimeout = 5 * time.Second

// maxReply bounds what is read of one answer, in bytes.
const maxReply = 1 << 20

// tally counts calls by outcome.
type tally [4]atomic.Int64

func (t *tally) String() string {
	return fmt.Sprintf("%d acked, %d not sent, %d unknown, %d rejected", t[outcome.Acked].Load(),
		t[outcome.NotSent].Load(), t[outcome.Unknown].Load(), t[outcome.Rejected].Load())
}

// callLoops runs n call loops until ctx ends.
func callLoops(ctx context.Context, n int, client *http.Client, id func() string, log *slog.Logger) *tally {
	total := &tally{}
	calls, end := context.WithCancel(context.Background())
	defer end()
	context.AfterFunc(ctx, func() { time.AfterFunc(drainTimeout, end) })
	var loops sync.WaitGroup
	for range n {
		loops.Go(func() { callLoop(ctx, calls, client, id, log, total) })
	}
	loops.Wait()
	return total
}

// callLoop calls the service until ctx ends. When a call fails, the loop logs its
// outcome and goes on, while the transport chooses another endpoint. Calls use a
// context that outlives ctx, so that the last one can end; the transport ends one
// that hangs.
func callLoop(ctx, calls context.Context, client *http.Client, id func() string, log *slog.Logger, total *tally) {
	reported := time.Now()
	for ctx.Err() == nil {
		reply, err := call(calls, client, id())
		trap(ctx, err, log, total)
		if err == nil && time.Since(reported) >= time.Second {
			reported = time.Now()
			log.Info("calling", "reply", reply, "calls", total.String())
		}
	}
}

// trap counts a call and logs a failed one. Decide here what your service does
// then: an unknown call may have been carried out, one that was not sent was not, a
// rejected one will be rejected again.
func trap(ctx context.Context, err error, log *slog.Logger, total *tally) {
	o := outcome.Of(err)
	total[o].Add(1)
	if err == nil {
		return
	}
	var fault *Fault
	if errors.As(err, &fault) {
		log.Warn("the service answered with a fault; going on", "code", fault.Code, "text", fault.Text)
	} else {
		log.Warn("a call failed; going on", "outcome", o, "cause", err)
	}
	if o != outcome.Unknown {
		select { // a repeat at full speed would fail as well
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Fault is a SOAP 1.1 fault that the service answered with.
type Fault struct {
	Code string `xml:"faultcode"`
	Text string `xml:"faultstring"`
}

// Error returns code and text.
func (f *Fault) Error() string { return f.Code + ": " + f.Text }

// answer is what is understood of the message that comes back. Put your own
// messages in the place of answer and envelope, or use a SOAP client: README.md shows
// two.
type answer struct {
	Reply *string `xml:"Body>callResponse>return"`
	Fault *Fault  `xml:"Body>Fault"`
}

// call makes one call. A fault of the service is a *Fault, with the outcome rejected.
func call(ctx context.Context, client *http.Client, id string) (reply string, err error) {
	req, err := http.NewRequestWithContext(withID(ctx, id), http.MethodPost, failover.DefaultAddress, bytes.NewReader(envelope(id)))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("SOAPAction", `""`)
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxReply))
	if err != nil {
		return "", fmt.Errorf("the answer broke off: %w", err)
	}
	var a answer
	switch err := xml.Unmarshal(body, &a); {
	case err == nil && a.Fault != nil:
		return "", &outcome.Error{Outcome: outcome.Rejected, Err: a.Fault}
	case res.StatusCode != http.StatusOK:
		return "", &outcome.Error{Outcome: ofStatus(res.StatusCode), Err: fmt.Errorf("the service answered with status %s", res.Status)}
	case err != nil:
		return "", fmt.Errorf("the answer is not SOAP: %w", err)
	case a.Reply == nil:
		return "", errors.New("the answer holds neither a reply nor a fault")
	}
	return *a.Reply, nil
}

// ofStatus is what is known of a call that was answered with an HTTP status and
// without a fault.
func ofStatus(status int) outcome.Outcome {
	switch {
	case status == http.StatusServiceUnavailable:
		return outcome.NotSent // the endpoint did not take the call
	case status >= 400 && status < 500:
		return outcome.Rejected
	}
	return outcome.Unknown
}

// envelope is the message of one call.
func envelope(id string) []byte {
	var text bytes.Buffer
	_ = xml.EscapeText(&text, []byte(id)) // a buffer takes everything
	return fmt.Appendf(nil, `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>`+
		`<f:call xmlns:f="http://failover.example.com/"><arg0>%s</arg0></f:call></soap:Body></soap:Envelope>`, text.Bytes())
}

// idKey is the key of a call's id in its context.
type idKey struct{}

// withID gives a call's context the id by which the ledger knows the call.
func withID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, idKey{}, id)
}

func idOf(ctx context.Context) string {
	id, _ := ctx.Value(idKey{}).(string)
	return id
}

// uniqueIDs returns a function that never returns the same id twice. A drill sees
// from the ids which call arrived at which endpoint.
func uniqueIDs() func() string {
	var n atomic.Int64
	run := fmt.Sprintf("%d-%x", os.Getpid(), rand.Uint32())
	return func() string { return fmt.Sprintf("%s-%d", run, n.Add(1)) }
}
