package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// state is what a server writes about itself. Fabric's first versions wrote the
// plain URL; uuid and ready came later.
type state struct {
	ID        string   `json:"id"`
	Container string   `json:"container"`
	Services  []string `json:"services"`
	Ready     *bool    `json:"ready,omitempty"`
}

// decode returns the URLs that an entry offers. Usable URLs are returned beside
// the error that says what is wrong with others. An entry that is not ready
// offers none.
func decode(data []byte) ([]string, error) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return nil, errors.New("it is empty")
	}
	if data[0] != '{' {
		if err := checkURL(string(data)); err != nil {
			return nil, fmt.Errorf("its text %w", err)
		}
		return []string{string(data)}, nil
	}
	var s state
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("its JSON is not that of an endpoint: %w", err)
	}
	if s.Ready != nil && !*s.Ready {
		return nil, nil
	}
	if s.Services == nil {
		return nil, errors.New("its JSON lists no services")
	}
	var urls []string
	var faults []error
	for i, service := range s.Services {
		service = strings.TrimSpace(service)
		if err := checkURL(service); err != nil {
			faults = append(faults, fmt.Errorf("its service %d %w", i+1, err))
			continue
		}
		urls = append(urls, service)
	}
	return urls, errors.Join(faults...)
}

// checkURL says why a text is not a URL that calls can be sent to. It does not
// quote the text, which may hold a password.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return errors.New("is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("is not a URL of http or https, but has the scheme %q", u.Scheme)
	case u.Host == "":
		return errors.New("is a URL without a host")
	}
	return nil
}
