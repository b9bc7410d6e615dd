// Package retryablehttp has the signatures of github.com/hashicorp/go-retryablehttp that the test data uses.
package retryablehttp

import (
	"context"
	"net/http"
)

type Client struct {
	RetryMax   int
	CheckRetry func(ctx context.Context, resp *http.Response, err error) (bool, error)
}

type Request struct{}

func NewClient() *Client { panic("stub") }

func NewRequest(method, url string, rawBody interface{}) (*Request, error) { panic("stub") }

func (c *Client) Do(req *Request) (*http.Response, error)                             { panic("stub") }
func (c *Client) Get(url string) (*http.Response, error)                              { panic("stub") }
func (c *Client) Post(url, bodyType string, body interface{}) (*http.Response, error) { panic("stub") }
