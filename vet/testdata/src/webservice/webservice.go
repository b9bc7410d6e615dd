// Package webservice shows where a loop over endpoints, written by hand, does not
// reach the next endpoint.
package webservice

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

var errNone = errors.New("no endpoint answered")

// Bad: an endpoint that stays mute holds the loop up; nothing bounds http.Get.
func firstAnswer(endpoints []string) (*http.Response, error) {
	for _, endpoint := range endpoints {
		res, err := http.Get(endpoint + "/Foo") // want `an endpoint that accepts the connection and stays mute holds this loop up without end`
		if err != nil {
			continue
		}
		return res, nil
	}
	return nil, errNone
}

// Bad: the same with a client, and a request whose context ends never.
func firstAnswerOfClient(endpoints []string) (*http.Response, error) {
	client := &http.Client{}
	for _, endpoint := range endpoints {
		url := endpoint + "/Foo"
		req, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		res, err := client.Do(req) // want `an endpoint that accepts the connection and stays mute holds this loop up without end`
		if err == nil {
			return res, nil
		}
	}
	return nil, errNone
}

// Good: the client has a bound.
func firstAnswerInTime(endpoints []string) (*http.Response, error) {
	client := &http.Client{Timeout: 10 * time.Second}
	for _, endpoint := range endpoints {
		res, err := client.Get(endpoint)
		if err != nil {
			continue
		}
		return res, nil
	}
	return nil, errNone
}

// Good: or each request.
func firstAnswerInTimeToo(ctx context.Context, endpoints []string) (*http.Response, error) {
	for _, endpoint := range endpoints {
		bounded, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(bounded, http.MethodGet, endpoint, nil)
		if err != nil {
			return nil, err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			return res, nil
		}
	}
	return nil, errNone
}

// Bad: an endpoint that dies after it was sent the order leaves none for the second.
func spentReader(client *http.Client, endpoints []string, order []byte) error {
	body := bytes.NewReader(order)
	for _, endpoint := range endpoints {
		res, err := client.Post(endpoint, "text/xml", body) // want `a round that fails after it began to send has read body, so the request of the next round lacks what was read`
		if err != nil {
			continue
		}
		return res.Body.Close()
	}
	return errNone
}

// Bad: and so does a repeat.
func spentRequest(client *http.Client, order string) error {
	req, err := http.NewRequest(http.MethodPost, "http://localhost:8185/Foo", strings.NewReader(order))
	if err != nil {
		return err
	}
	for range 3 {
		res, err := client.Do(req) // want `a round that fails after it began to send has read the body of this request`
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		return res.Body.Close()
	}
	return errNone
}

// Good: a reader for each round, or the body again.
func freshReader(client *http.Client, endpoints []string, order []byte) error {
	for _, endpoint := range endpoints {
		res, err := client.Post(endpoint, "text/xml", bytes.NewReader(order))
		if err != nil {
			continue
		}
		return res.Body.Close()
	}
	return errNone
}

func bodyAgain(client *http.Client, order string) error {
	req, err := http.NewRequest(http.MethodPost, "http://localhost:8185/Foo", strings.NewReader(order))
	if err != nil {
		return err
	}
	for range 3 {
		if req.Body, err = req.GetBody(); err != nil {
			return err
		}
		res, err := client.Do(req)
		if err != nil {
			continue
		}
		return res.Body.Close()
	}
	return errNone
}

// Silent: the reader may be nil, the client has been made elsewhere, and what asks
// every endpoint is not a failover.
func unsure(client *http.Client, method string, endpoints []string, body io.Reader) error {
	for _, endpoint := range endpoints {
		req, err := http.NewRequest(method, endpoint, body)
		if err != nil {
			return err
		}
		res, err := client.Do(req)
		if err != nil {
			continue
		}
		return res.Body.Close()
	}
	return errNone
}

func askAll(endpoints []string) (up int) {
	for _, endpoint := range endpoints {
		res, err := http.Get(endpoint)
		if err != nil {
			continue
		}
		res.Body.Close()
		up++
	}
	return up
}
