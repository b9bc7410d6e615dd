package failover

import (
	"strings"
	"testing"
)

const (
	open11 = `<?xml version="1.0"?><S:Envelope xmlns:S="` + soap11 + `"><S:Header><t:To xmlns:t="urn:t">a</t:To><t:Empty/></S:Header><S:Body>`
	open12 = "<Envelope xmlns='" + soap12 + "'>\n<Body>"
)

// However little of an envelope has arrived, a fault is not taken for an answer.
func TestAnswersAreKnownByTheirBeginning(t *testing.T) {
	for name, test := range map[string]struct {
		text           string
		fault, without bool // without: an answer is known without a decoder
	}{
		"an answer":                  {open11 + `<f:callResponse xmlns:f="urn:f"><return>a &gt; b</return>`, false, true},
		"an empty answer":            {open11 + `<callResponse/></S:Body>`, false, true},
		"a fault":                    {open11 + `<S:Fault><faultcode>S:Server</faultcode></S:Fault></S:Body></S:Envelope>`, true, false},
		"a fault of SOAP 1.2":        {open12 + `<Fault><Code><Value>Sender</Value></Code></Fault></Body></Envelope>`, true, false},
		"a comment before a fault":   {open11 + `<!-- <callResponse> --><S:Fault></S:Fault>`, true, false},
		"a body inside of a header":  {`<S:Envelope xmlns:S="` + soap11 + `"><S:Header><Body><a></a></Body></S:Header><S:Body><S:Fault></S:Fault>`, true, false},
		"a sign inside of a text":    {`<S:Envelope xmlns:S="` + soap11 + `" a="/>"><S:Body><S:Fault></S:Fault>`, true, false},
		"an answer in single quotes": {open12 + `<callResponse>`, false, false},
		"no body yet":                {open11, false, false},
		"not XML":                    {"hello", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parseFault(strings.NewReader(test.text)) != nil; got != test.fault {
				t.Errorf("the decoder finds a fault: %v", got)
			}
			if got := beginsAnswer([]byte(test.text)) && !test.fault; got != test.without {
				t.Errorf("known without a decoder: %v, want %v", got, test.without)
			}
			for n := range len(test.text) {
				head := test.text[:n]
				if test.fault && !strings.Contains(head, "Fault") && beginsAnswer([]byte(head)) {
					t.Errorf("taken for an answer: %s", head)
				}
			}
		})
	}
}
