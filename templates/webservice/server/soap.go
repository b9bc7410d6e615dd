package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
)

// largestCall bounds what is read of a request.
const largestCall = 1 << 20

// envelope is a call in SOAP 1.1.
type envelope struct {
	XMLName xml.Name `xml:"http://schemas.xmlsoap.org/soap/envelope/ Envelope"`
	Body    struct {
		Call *struct {
			Argument string `xml:"arg0"`
		} `xml:"http://failover.example.com/ call"`
	} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
}

const (
	head = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>`
	tail = `</soap:Body></soap:Envelope>`
)

// answerCalls answers each call with its argument and the URL of this server.
func answerCalls(url string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		var call envelope
		err := xml.NewDecoder(io.LimitReader(r.Body, largestCall)).Decode(&call)
		if err != nil || call.Body.Call == nil {
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, head+`<soap:Fault><faultcode>soap:Client</faultcode><faultstring>this is not a call of this service</faultstring></soap:Fault>`+tail)
			return
		}
		fmt.Fprint(w, head+`<f:callResponse xmlns:f="http://failover.example.com/"><return>`)
		_ = xml.EscapeText(w, []byte(call.Body.Call.Argument+" from "+url)) // the caller notices what is missing
		fmt.Fprint(w, `</return></f:callResponse>`+tail)
	})
}
