// Package posts shows requests that change something and are sent again.
package posts

import "github.com/hashicorp/go-retryablehttp"

// Bad: the order of a POST whose answer was lost is placed twice.
func order(client *retryablehttp.Client) {
	client.Post("https://shop/orders", "application/json", "{}")                // want `go-retryablehttp sends a POST again after a lost connection: the one that failed may have been applied`
	request, _ := retryablehttp.NewRequest("POST", "https://shop/orders", "{}") // want `go-retryablehttp sends a POST again`
	client.Do(request)
}

// Good: a GET may be repeated.
func read(client *retryablehttp.Client) {
	client.Get("https://shop/orders")
	request, _ := retryablehttp.NewRequest("GET", "https://shop/orders", nil)
	client.Do(request)
}
