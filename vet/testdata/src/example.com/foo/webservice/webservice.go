// Package webservice shows which calls the failover transport can't send to the next
// endpoint.
package webservice

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"time"

	"example.com/foo/internal/failover"
)

func options() failover.Options {
	return failover.Options{Select: failover.Sticky, AttemptTimeout: 10 * time.Second}
}

// Bad: the client gives up before the transport gives up a mute endpoint.
func impatient(transport *failover.Transport) *http.Client {
	return &http.Client{
		Transport: transport,
		Timeout:   5 * time.Second, // want `this Timeout of 5s ends a call before the transport's AttemptTimeout of 10s does`
	}
}

// Good: the transport bounds each call by itself; a longer Timeout does no harm.
func patient(transport *failover.Transport) []*http.Client {
	return []*http.Client{{Transport: transport}, {Transport: transport, Timeout: time.Minute}}
}

// Silent: this client has another transport.
func other() *http.Client { return &http.Client{Timeout: time.Second} }

// Bad: a large file can't be sent to the next endpoint once it was begun.
func streams(client *http.Client, transport *failover.Transport, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := client.Post(failover.DefaultAddress+"/orders", "text/xml", file); err != nil { // want `a body of type \*os.File can be read only once`
		return err
	}
	out, in := io.Pipe()
	go in.Close()
	req, err := http.NewRequest(http.MethodPost, "http://failover/orders", out) // want `a body of type \*io.PipeReader can be read only once`
	if err != nil {
		return err
	}
	_, err = transport.Do(req)
	return err
}

// Good: GetBody opens it again.
func opensAgain(client *http.Client, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, failover.DefaultAddress, file)
	if err != nil {
		return err
	}
	req.GetBody = func() (io.ReadCloser, error) { return os.Open(name) }
	_, err = client.Do(req)
	return err
}

// Good: net/http makes GetBody for these.
func inMemory(client *http.Client, order []byte) error {
	_, err := client.Post(failover.DefaultAddress, "text/xml", bytes.NewReader(order))
	return err
}

// Silent: this goes past the transport.
func elsewhere(client *http.Client, file *os.File) error {
	_, err := client.Post("http://archive.example.com/", "text/xml", file)
	return err
}
