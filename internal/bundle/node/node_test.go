package node

import (
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
)

// A piece of code stands before a client whose name is N.
func around(code string) string {
	return "const { Client } = require('hazelcast-client')\n" + code + "\nClient.newHazelcastClient({ clusterName: N })\n"
}

func TestTexts(t *testing.T) {
	corpus.Names(t, &Reader, "a.js", around, map[string]string{
		`const N = "a"`: "a",
		`const N = 'a\x62\u0063\u{64}\q\
e'`: "abcdqe",
		"const N = `a\nb`":                           "a\nb",
		"const x = 'b'; const N = `a${x}${`c${x}`}`": "abcb",
		"const N = `a${x}`":                          "?",
		"const N = `a\\${x}`":                        "a${x}",
		"const N = `${'}'}`":                         "}",
		"const N = 'a' + 1 + 'b'":                    "a1b",
		"const N = 'a' - 'b'":                        "?",
		"const N = x ? 'a' : 'b'":                    "?",
		"const N = x ?? 'b'":                         "?",
		"const N = x || 'b'":                         "?",
		"const N = ['a'][0]":                         "?",
		"const N = ('a')":                            "a",
		"const N = ('b', 'a')":                       "?",
		"const N = 'a'.trim()":                       "a",
		"const N = 'a'.concat('b')":                  "?",
		"const N = tag`a`":                           "?",
		"const N = /a'/.source; const M = 'x'":       "?",
		"const N = 4 / 2 / 'a'":                      "?",
		"const N = (x => x)('a')":                    "a",
		"const N = (function (x) { return x })('a')": "a",
		"const N = (async () => { return 'a' })()":   "a",
		"const N = await 'a'":                        "a",
		"const N = !'a'":                             "?",
		"const N = null":                             "",
		"const N = 'a' // + 'b'":                     "a",
		"const N = 'a' /* + 'b' */":                  "a",
		"const N = 'a'\n// N = 'b'\n/* N = 'c' */":   "a",
		"const N: string = 'a' as string":            "a",
		"const N = <string>'a'":                      "?",
		"const N = 'a'!":                             "?",
		"const N = 'a' in x":                         "?",
		"const N = 'a'\n+ 'b'":                       "ab",
		"const N = 'a'\nfoo()":                       "a",
		"let N = 'a', M = 'b'":                       "a",
		"let M = 'b', N = 'a'":                       "a",
	})
}

func TestFlow(t *testing.T) {
	corpus.Names(t, &Reader, "a.js", around, map[string]string{
		"let N = 'a'\nif (x) N = 'b'":                                       "?",
		"let N = 'a'\nif (x) { N = 'b' } else { N = 'c' }\nN = 'd'":         "d",
		"let N = 'a'\nif (x) { let N = 'b' }":                               "a",
		"let N = 'a'\nx && (N = 'b')":                                       "?",
		"let N = 'a'\nif ((N = 'b')) { }":                                   "?",
		"let N = 'a'\nwhile (N = next()) { }":                               "?",
		"let N = 'a'\nfoo(N = 'b')":                                         "?",
		"let N = 'a'\nN ||= 'b'":                                            "?",
		"let N = 'a'\nN += 'b'":                                             "ab",
		"let N\nN = M = 'a'":                                                "a",
		"let N = 'a'\nfor (const x of y) { N = x }":                         "?",
		"let N = 'a'\nlist.forEach(x => { N = x })":                         "?",
		"let N = 'a'\nswitch (x) { case 1: return; case 2: N = 'b' }":       "?",
		"let N = 'a'\ntry { N = 'b' } catch (e) { N = 'c' }":                "?",
		"let N = 'a'\n{ N = 'b' }":                                          "b",
		"let { N } = x":                                                     "?",
		"let N = 'a';\n({ N } = x)":                                         "?",
		"let N = 'a';\n[N] = ['b']":                                         "?",
		"import N from './n'":                                               "?",
		"import { M as N } from './n'":                                      "?",
		"const o = { n: 'a' }; o.n = 'b'; const N = o.n":                    "b",
		"const o = { n: 'a' }; o['n'] = 'b'; const N = o.n":                 "b",
		"const o = { n: 'a' }; Object.assign(o, x); const N = o.n":          "?",
		"const o = { n: 'a' }; console.log(o); const N = o.n":               "a",
		"const o = { n: 'a', ...x }; const N = o.n":                         "?",
		"const o = { ...x, n: 'a' }; const N = o.n":                         "a",
		"const o = { n: 'a' }; delete o.n; const N = o.n":                   "?",
		"const o = { n: 'a' }; const p = o; p.n = 'b'; const N = o.n":       "b",
		"const o = { get n() { return 'a' } }; const N = o.n":               "",
		"class C { n = 'a'; m() { return this.n } }\nconst N = new C().m()": "a",
		"class C { constructor(n) { this.n = n } }\nconst x = new C('a'), y = new C('b')\nconst N = x.n": "a",
		"function f(n = 'a') { return n }\nconst N = f()":                                                "a",
		"function f(n) { if (n) { return 'a' } return 'b' }\nconst N = f()":                              "?",
		"function f() { return 'a' }\nfunction f() { return 'b' }\nconst N = f()":                        "?",
		"const N = process.env.N":                        "?",
		"process.env.N = 'a'; const N = process.env.N":   "a",
		"const N = require('./n.json').n":                "?",
		"type T = { a: string }\nconst N = 'a'":          "a",
		"interface T { a: string }\nconst N = 'a'":       "a",
		"label: for (;;) { break label }\nconst N = 'a'": "a",
	})
}

func TestSeveral(t *testing.T) {
	corpus.Names(t, &Reader, "a.js", func(code string) string { return "const { Client } = require('hazelcast-client')\n" + code }, map[string]string{
		"const c = { clusterName: 'a' }\nClient.newHazelcastClient(c)\nc.clusterName = 'b'\nClient.newHazelcastClient(c)":     "several",
		"const c = { clusterName: 'a' }\nClient.newHazelcastClient(c)\nc.clusterName = 'b'":                                   "a",
		"if (x) { Client.newHazelcastClient({ clusterName: 'a' }) } else { Client.newHazelcastClient({ clusterName: 'b' }) }": "several",
		"module.exports = { clusterName: 'a' }":                                                    "a",
		"exports.config = () => ({ clusterName: 'a' })":                                            "a",
		"function f() { return; Client.newHazelcastClient({ clusterName: 'b' }) }":                 "",
		"const c = { clusterName: 'a' }\nif (x) c.clusterName = 'b'\nClient.newHazelcastClient(c)": "?",
		"const c = make()\nClient.newHazelcastClient(c)":                                           "fault: the configuration of the client that is made here cannot be followed: it is the result of make()",
	})
}

func TestHostileSources(t *testing.T) {
	corpus.Names(t, &Reader, "a.js", around, map[string]string{
		"const N = " + strings.Repeat("(", 40_000) + "'a'" + strings.Repeat(")", 40_000):  "?",
		"const N = " + strings.Repeat("`${", 50) + "'a'" + strings.Repeat("}`", 50):       "fault: the text that starts here is never closed",
		strings.Repeat("{", 40_000) + strings.Repeat("}", 40_000) + "\nconst N = 'a'":     "a",
		strings.Repeat("if (x) ", 20_000) + ";\nconst N = 'a'":                            "a",
		"const N = 'a'" + strings.Repeat(", x", 40_000):                                   "a",
		"const o = {}\n" + strings.Repeat("o.o = { ...o, o }\n", 5000) + "const N = 'a'":  "a",
		"const N = " + strings.Repeat("x => ", 30_000) + "'a'":                            "",
		"const N = 'a'\n" + strings.Repeat("((", 20_000) + strings.Repeat("))", 20_000):   "?",
		strings.Repeat("x = [", 20_000) + strings.Repeat("]", 20_000) + "\nconst N = 'a'": "a",
		strings.Repeat("`", 50_001): "fault: the text that starts here is never closed",
	})
}

func FuzzRead(f *testing.F) { corpus.FuzzReader(f, &Reader, "a.js", "../testdata/node") }

func BenchmarkRead(b *testing.B) { corpus.BenchReader(b, &Reader, "../testdata/node", "v4") }
