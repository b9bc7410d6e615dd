package dotenv

import (
	"reflect"
	"strings"
	"testing"
	"testing/quick"
)

func TestEveryUsualFormIsRead(t *testing.T) {
	tests := map[string]struct{ line, want string }{
		"single quotes":                   {`K='a b'`, "a b"},
		"a quote in single quotes":        {`K='it'\''s'`, "it's"},
		"only quotes":                     {`K=''\'''\'''`, "''"},
		"single quotes expand nothing":    {`K='$A \n "x" #y'`, `$A \n "x" #y`},
		"empty in single quotes":          {`K=''`, ""},
		"double quotes":                   {`K="a b"`, "a b"},
		"escapes in double quotes":        {`K="\"\\\$\n\r"`, "\"\\$\n\r"},
		"an escaped backslash at the end": {`K="\\"`, `\`},
		"double quotes expand nothing":    {`K="$A ${B} 'x' #y"`, `$A ${B} 'x' #y`},
		"empty in double quotes":          {`K=""`, ""},
		"bare":                            {`K=abc`, "abc"},
		"bare with blanks":                {`K= a  b `, "a  b"},
		"bare expands nothing":            {`K=$A\n"x'`, `$A\n"x'`},
		"bare with = and #":               {`K=a=b#c`, "a=b#c"},
		"bare that begins with #":         {`K=#c`, "#c"},
		"empty":                           {`K=`, ""},
		"empty before a comment":          {`K= # c`, ""},
		"a comment behind bare":           {"K=a\t# b # c", "a"},
		"a comment behind quotes":         {`K='a' # b'c`, "a"},
		"a comment close behind quotes":   {`K="a"# b`, "a"},
		"export":                          {`export K='a'`, "a"},
		"export with a tab":               {"export\tK=a", "a"},
		"blanks around":                   {" \tK = 'a' ", "a"},
		"blanks before quotes":            {`K=  "a"`, "a"},
		"a carriage return at the end":    {"K='a '\r", "a "},
		"bytes that are not UTF-8":        {"K='\xff'", "\xff"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, faults := Parse([]byte("# c\n" + test.line + "\nL=1"))
			want := []Entry{{"K", test.want, 2}, {"L", "1", 3}}
			if len(faults) > 0 || !reflect.DeepEqual(got, want) {
				t.Errorf("%s is read as %+v, %v", test.line, got, faults)
			}
		})
	}
}

func TestWhatIsNotASettingIsSkipped(t *testing.T) {
	got, faults := Parse([]byte("\ufeffA=1\r\n\r\n  # c\r\n \t\r\nexport=2\r\nA=3"))
	want := []Entry{{"A", "1", 1}, {"export", "2", 5}, {"A", "3", 6}}
	if len(faults) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("read as %+v, %v", got, faults)
	}
}

func TestEveryFaultHasALineACauseAndARemedy(t *testing.T) {
	const secret = "s3cr3t"
	tests := map[string]struct{ line, cause, remedy string }{
		"no =":                    {secret, "not a setting", "write KEY='value'"},
		"no name":                 {"='" + secret + "'", "not a setting", "write KEY='value'"},
		"a name with a blank":     {secret + " x='y'", "not a setting", "letters"},
		"a name with a quote":     {`"K"='` + secret + `'`, "not a setting", "letters"},
		"a mark inside":           {"\ufeffK='" + secret + "'", "not a setting", "letters"},
		"one single quote":        {"K='" + secret, "single quotes", "one '"},
		"a quote that is escaped": {`K='` + secret + `'\''`, "single quotes", `'\''`},
		"text behind single":      {"K='a'" + secret, "single quotes", "with #"},
		"two values":              {`K='a' '` + secret + `'`, "single quotes", "#"},
		"one double quote":        {`K="` + secret, "double quotes", `one "`},
		"a backslash at the end":  {`K="` + secret + `\`, "double quotes", `one "`},
		"a closing quote escaped": {`K="` + secret + `\"`, "double quotes", `\"`},
		"an escape of ours alone": {`K="` + secret + `\t"`, "double quotes", `\\`},
		"text behind double":      {`K="a" ` + secret, "double quotes", `\"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, faults := Parse([]byte("A=1\n" + test.line + "\n" + test.line + "\nB=2"))
			if len(got) != 2 || len(faults) != 2 {
				t.Fatalf("%s is read as %d entries and %d faults, want 2 and 2", test.line, len(got), len(faults))
			}
			for i, f := range faults {
				if f.Line != i+2 || !strings.Contains(f.Cause, test.cause) || !strings.Contains(f.Remedy, test.remedy) {
					t.Errorf("%q does not say %q and %q on line %d", f, test.cause, test.remedy, i+2)
				}
				if strings.Contains(f.Error(), secret) {
					t.Errorf("%q shows the secret", f)
				}
			}
		})
	}
}

func TestQuoteIsTheInverseOfParse(t *testing.T) {
	check := func(value string) bool {
		got, faults := Parse([]byte("A=1\nK=" + Quote(value) + " # c\nB='2'\n"))
		return len(faults) == 0 && len(got) == 3 && got[1] == Entry{"K", value, 2}
	}
	for _, value := range []string{"", "a", "it's", `'`, `\`, `'\''`, `"`, "$A", " a ", "#", "\ufeff", "\x00", "a\nb", "\r", "\r\n'\"\\$", `\n`, "\n" + `\n`} {
		if !check(value) {
			t.Errorf("%q is written as %s and not read back", value, Quote(value))
		}
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

func TestValuesWithoutLineBreakStandInSingleQuotes(t *testing.T) {
	if got := Quote(`a"b'c`); got != `'a"b'\''c'` {
		t.Errorf("written as %s", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "K=a # b", "K='it'\\''s'", `export K="\"\n\$"`, "\ufeffK=1\r\nL", "K='", `K="\`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, faults := Parse(data)
		if lines := strings.Count(string(data), "\n") + 1; len(entries)+len(faults) > lines {
			t.Fatalf("%d entries and %d faults on %d lines", len(entries), len(faults), lines)
		}
		for _, e := range entries {
			again, faults := Parse([]byte(e.Key + "=" + Quote(e.Value)))
			if len(faults) > 0 || len(again) != 1 || again[0] != (Entry{e.Key, e.Value, 1}) {
				t.Fatalf("%+v is written as %s and read back as %+v, %v", e, Quote(e.Value), again, faults)
			}
		}
	})
}
