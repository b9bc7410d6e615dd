package registry

import (
	"strings"
	"testing"
)

func TestEveryFormatIsUnderstood(t *testing.T) {
	for data, want := range map[string]string{
		"http://localhost:8185/Foo": "http://localhost:8185/Foo",
		" https://h/Foo?wsdl\n":     "https://h/Foo?wsdl",
		`{"id":"cxf","container":"root","services":["http://localhost:8185/Foo"]}`:                               "http://localhost:8185/Foo",
		` { "services" : [ "http://a/" , "http://b/" ] } `:                                                       "http://a/ http://b/",
		`{"id":"cxf","container":"root","services":["http://a/"],"uuid":"6f6b4b5e-7e5d-4a0e-bd39-8dcbd0f6d5cb"}`: "http://a/",
		`{"id":"cxf","container":"root","services":["http://a/"],"uuid":"u","ready":true}`:                       "http://a/",
		`{"id":"cxf","container":"root","services":["http://a/"],"uuid":"u","ready":false}`:                      "",
		`{"id":"cxf","container":"root","services":["http://a/"],"ready":null}`:                                  "http://a/",
		`{"id":null,"container":null,"services":["http://a/"],"newer":{"than":["us"]}}`:                          "http://a/",
		`{"id":"cxf","container":"root","services":[]}`:                                                          "",
		`{"id":"cxf","container":"root","services":null,"ready":false}`:                                          "",
		`{"id":"cxf","container":"root","services":["http://[fe80::1%25eth0]:80/"]}`:                             "http://[fe80::1%25eth0]:80/",
	} {
		urls, err := decode([]byte(data))
		if got := strings.Join(urls, " "); got != want || err != nil {
			t.Errorf("%s offers %q, %v; want %q", data, got, err, want)
		}
	}
}

func TestWhatIsNotUnderstoodSaysWhy(t *testing.T) {
	for data, want := range map[string]struct{ urls, text string }{
		"":                          {"", "is empty"},
		" ":                         {"", "is empty"},
		"/Foo":                      {"", `scheme ""`},
		"\xac\xed\x00\x05":          {"", "its text is not a URL"},
		"localhost:8185":            {"", `scheme "localhost"`},
		"http://u:hidden@h:port/":   {"", "its text is not a URL"},
		`{"services":["http://a/"]`: {"", "not that of an endpoint"},
		`{"services":"http://a/"}`:  {"", "not that of an endpoint"},
		`{"id":"cxf"}`:              {"", "lists no services"},
		`{"services":["http://a/","${zk:root/http}/Foo","http://b/",""]}`: {"http://a/ http://b/", "service 2 is not a URL"},
		`{"services":[null,"http://b/"]}`:                                 {"http://b/", "service 1 is not"},
	} {
		urls, err := decode([]byte(data))
		if got := strings.Join(urls, " "); got != want.urls || err == nil || !strings.Contains(err.Error(), want.text) {
			t.Errorf("%s offers %q, %v; want %q and an error with %q", data, got, err, want.urls, want.text)
		} else if strings.Contains(err.Error(), "hidden") {
			t.Errorf("a password shows: %v", err)
		}
	}
}
