package failover

// Endpoint is one address of a service, as an entry of the registry offers it.
type Endpoint struct {
	URL string
	ID  string // the registry's entry; empty in a static list. A new ID is a new entry, whatever failed before under the same URL
}

// List is an ordered list of endpoints that may change.
type List interface {
	// Current returns the endpoints in order of preference, and a channel that is
	// closed once the list is another. A nil list says that nothing is known yet.
	Current() (list []Endpoint, changed <-chan struct{})
}
