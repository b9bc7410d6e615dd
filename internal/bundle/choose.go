package bundle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/java"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/bundle/spring"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// setting is one value of a cluster as users know it: what it is called, the
// field of --set that overrides it, whether it is a secret, and where it is in the
// model.
type setting struct {
	label, field string
	secret       bool
	of           func(*said.Config) *said.Value
	tls          bool // it does not count for a cluster that is declared to have no TLS
}

var (
	nameSetting = setting{"cluster name", "name", false, func(c *said.Config) *said.Value { return &c.Name }, false}
	urlSetting  = setting{"cloud url", "discoveryURL", false, func(c *said.Config) *said.Value { return &c.URL }, false}
)

var settings = []setting{
	nameSetting,
	urlSetting,
	{"discovery token", "", true, func(c *said.Config) *said.Value { return &c.Token }, false},
	{"user name", "username", false, func(c *said.Config) *said.Value { return &c.Username }, false},
	{"password", "", true, func(c *said.Config) *said.Value { return &c.Password }, false},
	{"keystore", "", false, func(c *said.Config) *said.Value { return &c.TLS.Keystore.File }, true},
	{"keystore password", "", true, func(c *said.Config) *said.Value { return &c.TLS.Keystore.Password }, true},
	{"truststore", "", false, func(c *said.Config) *said.Value { return &c.TLS.Truststore.File }, true},
	{"truststore password", "", true, func(c *said.Config) *said.Value { return &c.TLS.Truststore.Password }, true},
	{"CA file", "", false, func(c *said.Config) *said.Value { return &c.TLS.CA.File }, true},
	{"certificate file", "", false, func(c *said.Config) *said.Value { return &c.TLS.Cert.File }, true},
	{"key file", "", false, func(c *said.Config) *said.Value { return &c.TLS.Key.File }, true},
	{"key password", "", true, func(c *said.Config) *said.Value { return &c.TLS.Key.Password }, true},
	{"server name", "serverName", false, func(c *said.Config) *said.Value { return &c.TLS.ServerName }, true},
}

// choose picks the configurations that the bundle means. Configurations with TLS
// win, because Client.java repeats the values without TLS. Among those, a failover
// list wins over single clusters. Then filled-in values win over a template, and a
// configuration from which a client is made over a left-over one. All that rank
// highest must say the same.
func (r *reader) choose(candidates []found, faults fault.List) ([]said.Config, error) {
	best, rank := []found(nil), -1
	for _, c := range withoutInjected(candidates) {
		if len(c.Configs) == 0 {
			continue
		}
		switch n := rankOf(c.Candidate); {
		case n > rank:
			best, rank = []found{c}, n
		case n == rank:
			best = append(best, c)
		}
	}
	// Where no configuration has TLS, a source that could not be read may be the one
	// that is meant.
	if len(faults) > 0 && rank < rankTLS {
		return nil, faults
	}
	if len(best) == 0 {
		return nil, r.notBundle("none of its " + joined(r.sources, func(form *said.Reader) string { return form.Noun + "s" }) + " sets up a client")
	}
	var chosen []said.Config
	for i, c := range best {
		configs := c.Configs
		if !c.Failover {
			for _, other := range configs[1:] {
				if err := r.mustAgree(0, &configs[0], &other); err != nil {
					return nil, noOrder(c.form, &configs[0], &other)
				}
			}
			configs = configs[:1]
		}
		if i == 0 {
			chosen, r.form, r.loose = configs, c.form, c.Loose
			continue
		}
		if err := r.allAgree(chosen, configs); err != nil {
			if a, b := &chosen[0], &configs[0]; c.form.One && c.form == r.form && !c.Failover && a.Name.Text != b.Name.Text {
				return nil, noOrder(c.form, a, b)
			}
			return nil, err
		}
	}
	return chosen, nil
}

// onJVM are the languages in which sources get values from Spring.
var onJVM = []*said.Reader{&java.Reader, &java.Kotlin, &java.Scala, &java.Groovy}

// withoutInjected lets Java and the application files of Spring Boot, from which Spring
// gives Java its values, count once: as the application files where these say what the
// Java source gets from elsewhere, and otherwise as the Java source.
func withoutInjected(candidates []found) []found {
	dropped := make([]bool, len(candidates))
	for i, a := range candidates {
		for j, b := range candidates {
			if !slices.Contains(onJVM, a.form) || b.form != &spring.Boot || len(a.Configs) == 0 || len(b.Configs) == 0 {
				continue
			}
			source, application := &a.Configs[0], &b.Configs[0]
			if source.Name.State == said.NotFollowed || source.Name.At == application.Name.At {
				injected := fillsIn(application, source)
				dropped[i], dropped[j] = injected, !injected
			}
		}
	}
	var left []found
	for i, c := range candidates {
		if !dropped[i] {
			left = append(left, c)
		}
	}
	return left
}

// fillsIn reports whether a knows each value that b leaves to something else, and
// whether there is one.
func fillsIn(a, b *said.Config) bool {
	any := false
	for _, s := range settings {
		if s.of(b).State != said.NotFollowed {
			continue
		}
		if any = true; s.of(a).State != said.Known {
			return false
		}
	}
	return any
}

const rankTLS = 8

func rankOf(c said.Candidate) int {
	rank := 0
	filled := true
	for i := range c.Configs {
		if c.Configs[i].TLS.Used() {
			rank |= rankTLS
		}
		for _, s := range settings {
			filled = filled && placeholder(s.of(&c.Configs[i]).Text) == ""
		}
	}
	if c.Failover {
		rank |= 4
	}
	if filled {
		rank |= 2
	}
	if c.Used {
		rank |= 1
	}
	return rank
}

// noOrder is the fault for two clusters in one source without a failover list.
func noOrder(form *said.Reader, a, b *said.Config) error {
	remedy := "remove one, or give each in a source of its own"
	if form.Failover != "" {
		remedy = form.Failover + " in the order of preference, or remove one"
	}
	return fault.New(fault.Input, a.At,
		fmt.Sprintf("two different clients are set up, here and at %s, and nothing says which comes first", b.At),
		remedy)
}

func (r *reader) allAgree(a, b []said.Config) error {
	if len(a) != len(b) {
		return fault.New(fault.Input, a[0].At,
			fmt.Sprintf("here are %d clusters, but %d at %s", len(a), len(b), b[0].At),
			"remove the source that is not meant")
	}
	for i := range a {
		if err := r.mustAgree(i, &a[i], &b[i]); err != nil {
			return err
		}
	}
	return nil
}

// mustAgree lists every setting in which two configurations differ.
func (r *reader) mustAgree(index int, a, b *said.Config) error {
	var list fault.List
	for _, s := range settings {
		x, y := s.of(a), s.of(b)
		if x.State == y.State && (x.Text == y.Text && x.Why == y.Why || x.State == said.NotFollowed && x.At == y.At) || r.overrides.has(index, s.field) || s.tls && r.overrides.has(index, "tls") {
			continue
		}
		list = append(list, r.disagreement(index, s, at(*x, a.At), *x, at(*y, b.At), *y))
	}
	return inOrder(list).ErrOrNil()
}

// disagreement is the fault for a setting with two values. It gives both positions,
// and the values unless they are secret.
func (r *reader) disagreement(index int, s setting, here fault.Position, mine said.Value, there fault.Position, theirs said.Value) *fault.Fault {
	f := fault.New(fault.Input, here,
		fmt.Sprintf("the sources disagree about the %s: %s here, %s at %s", s.label, shown(s, mine, "one text"), shown(s, theirs, "another"), there),
		"correct one, or remove the source that is not meant")
	if s.field != "" {
		f.Remedy += ", or decide with --set " + r.overrides.flag(index, s.field) + "="
	}
	return f
}

// shown words a value for an error. The text secret stands in for a secret.
func shown(s setting, f said.Value, secret string) string {
	switch {
	case f.State == said.Absent:
		return "none"
	case f.State == said.NotFollowed:
		return f.Why
	case s.secret:
		return secret
	}
	if s.field == urlSetting.field {
		return fmt.Sprintf("%q", spec.ShownURL(f.Text))
	}
	return fmt.Sprintf("%q", f.Text)
}

func at(f said.Value, otherwise fault.Position) fault.Position {
	if f.At.Line == 0 {
		return otherwise
	}
	return f.At
}

// placeholders are those of the console's templates.
var placeholders = []string{
	"YOUR_CLUSTER_NAME", "YOUR_CLUSTER_PASSWORD", "YOUR_CLUSTER_DISCOVERY_TOKEN", "YOUR_DISCOVERY_TOKEN", "YOUR_DISCOVERY_URL",
	"YOUR_SSL_PASSWORD", "YOUR_KEYSTORE_PASSWORD", "YOUR_TRUSTSTORE_PASSWORD", "YOUR_CLUSTER_ID", "YOUR_CLIENT_USERNAME", "YOUR_CLIENT_PASSWORD",
	"YOUR_TLS_PASSWORD", "CLIENT_PFX_CERTIFICATE_PATH", "CLIENT_PFX_CERTIFICATE_PASSWORD",
}

// placeholder names what in a text means "not filled in", "" when nothing does. It
// knows the templates' own placeholders, others of the same shape, and
// ${variables}, which Java itself never resolves. It repeats only the templates'
// own: any other text can be a secret.
func placeholder(s string) string {
	if slices.Contains(placeholders, s) {
		return s
	}
	if i := strings.Index(s, "YOUR_"); i >= 0 && (i == 0 || !isWordByte(s[i-1])) {
		end := i + len("YOUR_")
		for end < len(s) && (s[end] == '_' || 'A' <= s[end] && s[end] <= 'Z') {
			end++
		}
		if end > i+len("YOUR_") && (end == len(s) || !isWordByte(s[end])) {
			if slices.Contains(placeholders, s[i:end]) {
				return s[i:end]
			}
			return "a placeholder (YOUR_...)"
		}
	}
	if strings.HasPrefix(s, "${") && strings.HasSuffix(s, "}") && strings.Count(s, "$") == 1 {
		return "a variable (${...})"
	}
	return ""
}

func isWordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}
