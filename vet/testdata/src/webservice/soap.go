package webservice

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
)

type reply struct {
	Value string `xml:"Body>callResponse>return"`
}

// Bad: a fault decodes as an empty reply, and the refused call counts as carried out.
func unseen(client *http.Client, url, envelope string) (string, error) {
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(envelope))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "text/xml")
	req.Header.Set("SOAPAction", `"call"`)
	res, err := client.Do(req) // want `a SOAP fault comes as an answer with status 500`
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var r reply
	err = xml.NewDecoder(res.Body).Decode(&r)
	return r.Value, err
}

// Good: the status is looked at.
func statusSeen(client *http.Client, url, envelope string) (string, error) {
	res, err := client.Post(url, "application/soap+xml", strings.NewReader(envelope))
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the service answered with status %s", res.Status)
	}
	var r reply
	err = xml.NewDecoder(res.Body).Decode(&r)
	return r.Value, err
}

// Good: or the fault.
func faultSeen(client *http.Client, url, envelope string) (string, error) {
	res, err := client.Post(url, "application/soap+xml", strings.NewReader(envelope))
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	var r struct {
		reply
		Problem *struct {
			Text string `xml:"faultstring"`
		} `xml:"Body>Fault"`
	}
	if err := xml.Unmarshal(data, &r); err != nil {
		return "", err
	}
	if r.Problem != nil {
		return "", fmt.Errorf("the service answered: %s", r.Problem.Text)
	}
	return r.Value, nil
}

// Silent: what it is decoded into comes from elsewhere.
func decodedElsewhere(client *http.Client, url, envelope string, into any) error {
	res, err := client.Post(url, "application/soap+xml", strings.NewReader(envelope))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return xml.NewDecoder(res.Body).Decode(into)
}
