package python

import (
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
)

// A piece of code stands before a client whose name is N.
func around(code string) string {
	return "import hazelcast\n" + code + "\nclient = hazelcast.HazelcastClient(cluster_name=N)\n"
}

func TestTexts(t *testing.T) {
	corpus.Names(t, &Reader, "a.py", around, map[string]string{
		`N = "a"`:            "a",
		`N = 'a' "b" r'\c'`:  `ab\c`,
		"N = '''a\n\"b\"'''": "a\n\"b\"",
		`N = "\x61\u00e9\101\q\
c"`: `aéA\qc`,
		`N = b"a"`:                      "?",
		`N = "a" % x`:                   "?",
		`N = "%s" % "a"`:                "?",
		`N = "{}".format("a")`:          "?",
		`N = ("a", "b")`:                "?",
		`N = "a",`:                      "?",
		`N = ("a")`:                     "a",
		`N = "a".strip()`:               "a",
		`N = "a".upper()`:               "?",
		`N = "a" + str("b")`:            "ab",
		"x = 'a'\nN = f'{x}-{{1}}'":     "a-{1}",
		"x = 'a'\nN = f'{x!r}'":         "?",
		"x = 'a'\nN = f'{x:>5}'":        "?",
		"x = 'a'\nN = f\"{d['x']}{x}\"": "?",
		"N = '\\N{BULLET}'":             "?",
		`N = 'a' if x else 'b'`:         "?",
		`N = x or 'b'`:                  "?",
		`N = ["a", "b"][0]`:             "?",
		`N = None`:                      "",
		`N = 7`:                         "?",
		"N: str = 'a'":                  "a",
		"M = N = 'a'":                   "a",
		"N = \\\n  'a'":                 "a",
		"N = 'a'; N = 'b'":              "b",
		"N = 'a' # ; N = 'b'":           "a",
		"N = 'a'\n\"N = 'b'\"":          "a",
		"N = lambda: 'a'\nN = N()":      "a",
		"N = (lambda x='a': x)()":       "a",
		"N = 'a'[0:1]":                  "?",
		"N = 'a' in x":                  "?",
		"N = not 'a'":                   "?",
		"N = yield 'a'":                 "?",
		"N = '\xff'":                    "?",
		"N = [x for x in 'a']":          "?",
	})
}

func TestFlow(t *testing.T) {
	corpus.Names(t, &Reader, "a.py", around, map[string]string{
		"N = 'a'\nif x:\n  N = 'b'":                                                      "?",
		"N = 'a'\nif x:\n  pass\nelse:\n  N = 'b'\nN = 'c'":                              "c",
		"N = 'a'\nfor i in x: N = 'b'":                                                   "?",
		"N = 'a'\ntry:\n  N = 'b'\nexcept E:\n  N = 'c'":                                 "?",
		"try:\n  N = 'b'\nfinally:\n  pass":                                              "b",
		"N = 'a'\nwith x as y:\n  N = 'b'":                                               "b",
		"N = 'a'\ndef f():\n  N = 'b'\nf()":                                              "a",
		"def f(x):\n  if x: return 'a'\n  return 'b'\nN = f(1)":                          "?",
		"def f(x):\n  return x\n  return 'b'\nN = f('a')":                                "a",
		"def f(x, y='b'):\n  return x + y\nN = f(x='a')":                                 "ab",
		"def f(): return f()\nN = f()":                                                   "?",
		"N, M = 'a', 'b'":                                                                "?",
		"N = 'a'\nN += 'b'":                                                              "ab",
		"N = 'a'\nN *= 2":                                                                "?",
		"N = 'a'\n'''\nN = 'b'\n'''":                                                     "a",
		"N = 'a'\ndel N":                                                                 "?",
		"N = 'a'\nglobals()['N'] = 'b'":                                                  "a",
		"class C:\n  n = 'a'\n  def m(self): return self.n\nN = C().m()":                 "a",
		"class C:\n  def __init__(self, n): self.n = n\nx = C('a')\ny = C('b')\nN = x.n": "a",
		"d = {'n': 'a'}\nd['n'] = 'b'\nN = d['n']":                                       "b",
		"d = dict(n='a')\nN = d['n']":                                                    "?",
		"d = {'n': 'a'}\nd.update(x)\nN = d['n']":                                        "?",
		"d = {'n': 'a'}\ndel d['n']\nN = d['n']":                                         "?",
		"d = {'n': 'a'}\nd.pop('n')\nN = d['n']":                                         "?",
		"d = {'n': 'a'}\nchange(d)\nN = d['n']":                                          "?",
		"d = {'n': 'a', **x}\nN = d['n']":                                                "?",
		"d = {**x, 'n': 'a'}\nN = d['n']":                                                "a",
		"match x:\n  case 1:\n    N = 'a'\n":                                             "?",
		"while True:\n  N = 'a'\n  break":                                                "?",
		"N = 'a'\ndef g():\n  global N\n  N = 'b'\ng()":                                  "b",
		"for N in ['a']: pass":                                                           "?",
		"with open('a') as N: pass":                                                      "?",
		"from settings import N":                                                         "?",
		"N = 'a'\nfrom settings import N":                                                "?",
		"N = 'a'\nfrom settings import *":                                                "?",
		"N = 'a'\nimport N":                                                              "?",
		"N = 'a'\nif (N := 'b'): pass":                                                   "?",
		"N = 'a'\nexec('N = 1')":                                                         "a",
	})
}

func TestFaults(t *testing.T) {
	corpus.Names(t, &Reader, "a.py", around, map[string]string{
		"N = 'a":    "fault: the text that starts here is not closed on its line",
		"N = '''a":  "fault: the text that starts here is never closed",
		"N = ('a'":  "fault: the bracket ( is never closed",
		"N = 'a')":  "fault: the bracket ) closes nothing",
		"N = f'{a'": "fault: the text that starts here is not closed on its line",
	})
}

func TestHostileSources(t *testing.T) {
	corpus.Names(t, &Reader, "a.py", around, map[string]string{
		"N = " + strings.Repeat("(", 50_000) + "'a'" + strings.Repeat(")", 50_000):                 "fault: the source is longer than any client's",
		"N = " + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000):                         "?",
		"N = 'a'" + strings.Repeat(" + 'a'", 40_000):                                               strings.Repeat("a", 40_001),
		"N = '" + strings.Repeat("a", 400_000) + "'":                                               strings.Repeat("a", 400_000),
		"N = 'a'\n" + strings.Repeat("N = N + N\n", 100):                                           "?",
		"N = " + strings.Repeat("lambda: ", 20_000) + "'a'":                                        "?",
		"N = " + strings.Repeat("f'{", 100) + strings.Repeat("}'", 100):                            "?",
		strings.Repeat("if x:\n", 10) + strings.Repeat("\tif x:\n", 30_000) + "\t\tN = 'a'":        "?",
		strings.Repeat("def f(): return f() + f()\n", 1000) + "N = f()":                            "?",
		"def f(): return g() + g()\ndef g(): return h() + h()\ndef h(): return f() + f()\nN = f()": "fault: the source does more than can be followed",
		strings.Repeat("x = {'a': x, 'b': x}\n", 5000) + "N = x['a']":                              "?",
		strings.Repeat("class C:\n  x = C()\n", 5000) + "N = 'a'":                                  "fault: the source does more than can be followed",
	})
}

func FuzzRead(f *testing.F) { corpus.FuzzReader(f, &Reader, "a.py", "../testdata/python") }

func BenchmarkRead(b *testing.B) { corpus.BenchReader(b, &Reader, "../testdata/python", "v4-keywords") }
