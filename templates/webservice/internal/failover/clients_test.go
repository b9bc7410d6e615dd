package failover

import (
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/globusdigital/soap"
)

// doer is what Go's SOAP clients take in place of an http.Client.
type doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Any client works on a Transport, be it its transport or its Doer.
func TestClientsOfEveryKind(t *testing.T) {
	for name, client := range map[string]func(*Transport) doer{
		"http.Client": func(t *Transport) doer { return &http.Client{Transport: t} },
		"Doer":        func(t *Transport) doer { return t },
	} {
		s := serve(t, nil)
		tr := start(t, Static(refusing(t), s.URL), Options{})
		status, text, err := post(t, client(tr.Transport), background, callEnvelope("1"))
		if err != nil || status != 200 || !strings.Contains(text, ">ok<") {
			t.Errorf("%s: %d %q %v", name, status, text, err)
		}
	}
}

// Do does not follow redirects: a SOAP call is for one service.
func TestDoLeavesRedirectsToTheCaller(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) })
	tr := start(t, Static(s.URL), Options{})
	if status, _, err := post(t, tr, background, callEnvelope("1")); status != http.StatusFound || err != nil {
		t.Errorf("%d, %v", status, err)
	}
}

type soapCall struct {
	XMLName xml.Name `xml:"http://failover.example.com/ call"`
	ID      string   `xml:"arg0"`
}

type soapResponse struct {
	XMLName xml.Name `xml:"http://failover.example.com/ callResponse"`
	Return  string   `xml:"return"`
}

// github.com/globusdigital/soap fails over, and gets the faults that do not.
func TestGlobusdigitalSOAP(t *testing.T) {
	faulty := false
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if faulty {
			w.Header().Set("Content-Type", "text/xml; charset=utf-8")
			w.WriteHeader(500)
			_, _ = io.WriteString(w, envelope(`<soap:Fault><faultcode>soap:Server</faultcode><faultstring>no such thing</faultstring></soap:Fault>`))
			return
		}
		answer(w, "ok")
	})
	tr := start(t, Static(refusing(t), s.URL), Options{})
	client := soap.NewClient(DefaultAddress, nil)
	client.UseSoap11()
	client.HTTPClientDoFn = tr.Do
	var response soapResponse
	if _, err := client.Call(background, "", &soapCall{ID: "1"}, &response); err != nil || response.Return != "ok" {
		t.Errorf("%q, %v", response.Return, err)
	}
	faulty = true
	if _, err := client.Call(background, "", &soapCall{ID: "1"}, &response); err == nil || !strings.Contains(err.Error(), "no such thing") {
		t.Errorf("%v, want the fault", err)
	}
}
