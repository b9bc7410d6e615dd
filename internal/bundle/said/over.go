package said

// Over gives a configuration with what another one says filled in where it says
// nothing itself.
func (c Config) Over(under Config) Config {
	fill := func(over *Value, under Value) {
		if over.State == Absent {
			*over = under
		}
	}
	fill(&c.Name, under.Name)
	fill(&c.URL, under.URL)
	fill(&c.Token, under.Token)
	fill(&c.Username, under.Username)
	fill(&c.Password, under.Password)
	fill(&c.TLS.ServerName, under.TLS.ServerName)
	fill(&c.TLS.On, under.TLS.On)
	fill(&c.TLS.Off, under.TLS.Off)
	below := under.TLS.Stores()
	for i, store := range c.TLS.Stores() {
		if !store.Stated() {
			*store = *below[i]
		}
	}
	if len(c.Addresses) == 0 {
		c.Addresses = under.Addresses
	}
	if c.Broken == nil {
		c.Broken = under.Broken
	}
	if c.Tuning == nil {
		c.Tuning = under.Tuning
	}
	c.Warnings = append(c.Warnings[:len(c.Warnings):len(c.Warnings)], under.Warnings...)
	c.Notes = append(c.Notes[:len(c.Notes):len(c.Notes)], under.Notes...)
	c.From = Value{}
	return c
}
