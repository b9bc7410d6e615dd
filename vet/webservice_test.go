package vet

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWebService(t *testing.T) {
	check(t, WebService, "webservice", "example.com/foo/webservice")
}

// What webservice says of bodies is what net/http does, once an endpoint has died
// with the body of a request.
func TestABodyIsReadOnce(t *testing.T) {
	var got []string
	dying := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		panic(http.ErrAbortHandler)
	}))
	defer dying.Close()
	well := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, string(body))
	}))
	defer well.Close()

	order := strings.NewReader("order")
	for _, endpoint := range []string{dying.URL, well.URL} {
		if res, err := http.Post(endpoint, "text/xml", order); err == nil {
			res.Body.Close()
		}
	}
	if len(got) != 1 || got[0] != "" {
		t.Errorf("the reader was sent to the second endpoint as %q", got)
	}

	req, err := http.NewRequest(http.MethodPost, dying.URL, strings.NewReader("order"))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}} // which has no connection to the second endpoint yet
	for range 2 {
		res, err := client.Do(req)
		if err == nil {
			res.Body.Close()
			t.Error("the request was sent again")
		}
		req.URL.Host = strings.TrimPrefix(well.URL, "http://")
	}
}
