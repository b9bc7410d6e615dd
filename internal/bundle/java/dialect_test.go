package java

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// dialects are the readers with the ending of their files.
var dialects = map[string]*said.Reader{"kt": &Kotlin, "scala": &Scala, "groovy": &Groovy}

func readAs(ending, source string) ([]said.Candidate, fault.List) {
	name := "T." + ending
	return dialects[ending].Read([]said.File{{Name: name, Path: name, Data: []byte(source)}})
}

// programs set the name to an expression in place of %, behind another name.
var programs = map[string]string{
	"kt": `val before = "b"
fun own(s: String, t: String = "t"): String { return s }
fun main() {
  val c = ClientConfig()
  c.clusterName = "before"
  c.setClusterName(%)
  HazelcastClient.newHazelcastClient(c)
}
`,
	"scala": `object T {
  val before = "b"
  def after = before + "a"
  def main(args: Array[String]): Unit = {
    val c = new ClientConfig
    c.setClusterName("before")
    c.setClusterName(%)
    HazelcastClient.newHazelcastClient(c)
  }
}
`,
	"groovy": `before = "b"
def c = new ClientConfig()
c.clusterName = "before"
c.setClusterName(%)
HazelcastClient.newHazelcastClient(c)
`,
}

const triple = `"` + `"` + `"`

// TestDialectTexts gives setClusterName an expression and wants what the language
// computes, or "?" for what must not be followed.
func TestDialectTexts(t *testing.T) {
	for _, c := range []struct{ ending, expression, want string }{
		{"kt", `"plain"`, "plain"}, {"kt", `"\$x \u0041\t\\"`, "$x A\t\\"}, {"kt", `"5 $"`, "5 $"}, {"kt", `"$x"`, "?"},
		{"kt", `"${"a"}"`, "?"}, {"kt", `"${"}"}" + "a"`, "?"}, {"kt", triple + `a\n"b"` + triple, `a\n"b"`},
		{"kt", triple + "a" + triple + ".trimIndent()", "?"}, {"kt", `"a" + 'b' + 1`, "ab1"}, {"kt", "\"a\" +\n \"b\"", "ab"},
		{"kt", "\"a\"\n + \"b\"", "ab"}, {"kt", `before`, "b"}, {"kt", `own("a", "b")`, "a"}, {"kt", `own("a")`, "?"},
		{"kt", `own(s = "a", t = "b")`, "?"}, {"kt", `"a".let { it }`, "a"}, {"kt", `"a".let { x -> x + "b" }`, "ab"},
		{"kt", `"a".uppercase()`, "?"}, {"kt", `if (x) "a" else "a"`, "a"}, {"kt", `if (x) "a" else "b"`, "?"},
		{"kt", `if (x) { "a" } else { "a" }`, "?"}, {"kt", `x ?: "a"`, "?"}, {"kt", `"a" to "b"`, "?"},
		{"kt", `when (x) { 1 -> "a" else -> "b" }`, "?"}, {"kt", `try { "a" } catch (e: Exception) { "b" }`, "?"},
		{"kt", `x!!`, "?"}, {"kt", `"a" as String`, "a"}, {"kt", `run { "a" }`, "?"}, {"kt", `"\q"`, "?"}, {"kt", `listOf("a")[0]`, "?"},
		{"kt", `args[0]`, "?"}, {"kt", `System.getenv("X")`, "?"}, {"kt", `object : Any() { }`, "?"}, {"kt", `("a")`, "a"},
		{"kt", `"a" "b"`, "?"}, {"kt", `1.5.toString()`, "?"}, {"kt", `"a".takeIf { false } ?: "b"`, "?"},
		{"scala", `"plain"`, "plain"}, {"scala", `s"a$before"`, "?"}, {"scala", `s"a"`, "a"}, {"scala", `f"a"`, "?"},
		{"scala", `raw"a\n"`, `a\n`}, {"scala", triple + `a\n` + triple, `a\n`}, {"scala", `"$x"`, "$x"}, {"scala", `before + "c"`, "bc"},
		{"scala", `after`, "ba"}, {"scala", `T.after`, "ba"}, {"scala", `x match { case _ => "a" }`, "?"}, {"scala", `if (x) "a" else "b"`, "?"},
		{"scala", `args(0)`, "?"}, {"scala", `"a".stripMargin`, "?"}, {"scala", `Some("a").get`, "?"}, {"scala", `"a" * 2`, "?"},
		{"groovy", `'a$b'`, "a$b"}, {"groovy", `"a$b"`, "?"}, {"groovy", `"a\$b"`, "a$b"}, {"groovy", triple + "a" + triple, "a"},
		{"groovy", `'''a'b'''`, "a'b"}, {"groovy", `/a/`, "?"}, {"groovy", `$/a/$`, "?"}, {"groovy", `x ? 'a' : 'b'`, "?"},
		{"groovy", `x ?: 'a'`, "?"}, {"groovy", `'a' + 'b'`, "ab"}, {"groovy", `"a" * 2`, "?"}, {"groovy", `{ 'a' }()`, "?"}, {"groovy", `['a'][0]`, "?"},
	} {
		candidates, faults := readAs(c.ending, strings.Replace(programs[c.ending], "%", c.expression, 1))
		if len(faults) > 0 || len(candidates) != 1 || len(candidates[0].Configs) != 1 {
			t.Errorf("%s: %s gives %v, %v", c.ending, c.expression, candidates, faults)
			continue
		}
		got := "?"
		if name := candidates[0].Configs[0].Name; name.State == said.Known {
			got = name.Text
		}
		if got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.ending, c.expression, got, c.want)
		}
	}
}

// What a branch sets over a value, or a block that other code runs, is not known.
func TestDialectBranches(t *testing.T) {
	for _, c := range []struct{ ending, statements string }{
		{"kt", `"a"); if (x) c.clusterName = "b"; (1`},
		{"kt", `"a"); x?.let { c.clusterName = it }; (1`},
		{"kt", `"a"); names.forEach { c.clusterName = it }; (1`},
		{"kt", `"a"); names.forEach(c::setClusterName`},
		{"kt", `"a"); val y = if (x) { c.clusterName = "b"; 1 } else 2; (1`},
		{"kt", `"a"); for (n in names) c.clusterName = n; (1`},
		{"scala", "\"a\")\n x match {\n case 1 => c.setClusterName(\"b\")\n case _ =>\n }\n (1"},
		{"scala", `"a"); x.foreach(n => c.setClusterName(n)`},
		{"scala", `"a"); for (n <- x) c setClusterName n; (1`},
		{"groovy", `'a'); x.each { c.clusterName = it }; (1`},
		{"groovy", "'a')\n switch (x) { case 1: c.clusterName = 'b'; break\n default: break }\n (1"},
	} {
		candidates, faults := readAs(c.ending, strings.Replace(programs[c.ending], "%", c.statements, 1))
		if len(faults) > 0 || len(candidates) != 1 {
			t.Errorf("%s\ngives %v, %v", c.statements, candidates, faults)
		} else if name := candidates[0].Configs[0].Name; name.State != said.NotFollowed {
			t.Errorf("%s: %s\nis read as %q", c.ending, c.statements, name.Text)
		}
	}
	for _, source := range []string{
		"object T:\n  val c = new ClientConfig\n",
		"object T {\n  def main(a: Array[String]): Unit =\n    val c = new ClientConfig\n    c.setClusterName(\"a\")\n}\n",
		"object T {\n  def main(a: Array[String]): Unit = {\n    val c = new ClientConfig\n    if x then\n      c.setClusterName(\"a\")\n  }\n}\n",
	} {
		if _, faults := readAs("scala", source); len(faults) == 0 {
			t.Errorf("%s\nis not refused", source)
		}
	}
}

// TestTooMuchOfADialect gives sources that would take forever, or all memory.
func TestTooMuchOfADialect(t *testing.T) {
	repeat := strings.Repeat
	for name, body := range map[string]string{
		"nested braces":      repeat("{", 5000) + repeat("}", 5000),
		"nested parentheses": "x = " + repeat("(", 5000) + repeat(")", 5000),
		"nested calls":       repeat("f(", 5000) + repeat(")", 5000),
		"nested lambdas":     repeat("f { ", 5000) + repeat("}", 5000),
		"nested scopes":      repeat("c.apply { ", 5000) + repeat("}", 5000),
		"nested templates":   repeat("\"${", 20000),
		"nested comments":    repeat("/*", 50000),
		"a long line":        "x = \"" + repeat("a", 1<<17) + "\"",
		"a long chain":       "c" + repeat(".x(1)", 20000),
		"a long sum":         "x = " + repeat("\"aaaaaaaa\" + ", 15000) + "\"\"",
		"operators":          "x = " + repeat("!", 20000) + "y",
		"ifs":                repeat("if (x) ", 5000) + "y",
		"elses":              "if (x) y" + repeat(" else y", 5000),
		"nested whens":       repeat("when (x) { 1 -> ", 5000) + repeat("}", 5000),
		"names":              repeat("a ", 60000),
		"commas":             "f(" + repeat("a, ", 40000) + ")",
		"annotations":        repeat("@A ", 40000),
		"less-than signs":    repeat("x.<a", 20000),
		"dots":               repeat(".", 60000),
		"quotation marks":    repeat("'", 60000),
		"doubling text":      "var s = \"aaaaaaaaaaaaaaaa\"\n" + repeat("s = s + s + s\n", 2000),
		"doubling scopes":    repeat("c.apply { c.also { ", 40) + repeat("} }", 40),
		"values":             repeat("val x = \n", 10000),
		"names of nothing":   "`` A",
	} {
		for ending := range dialects {
			start := time.Now()
			_, faults := readAs(ending, "val c = ClientConfig()\n"+body+"\n")
			if took := time.Since(start); took > patience {
				t.Errorf("%s: %s took %v", ending, name, took)
			}
			if text := faults.Error(); len(text) > 2000 {
				t.Errorf("%s: %s: an error of %d bytes", ending, name, len(text))
			}
		}
	}
}

func fuzzDialect(f *testing.F, ending string) {
	for _, dir := range []string{"kotlin", "scala", "groovy", "jvm-errors"} {
		paths, err := filepath.Glob(filepath.Join("..", "testdata", dir, "*.txtar"))
		if err != nil || len(paths) == 0 {
			f.Fatal("no seeds", err)
		}
		for _, path := range paths {
			a, err := txtar.ParseFile(path)
			if err != nil {
				f.Fatal(err)
			}
			for _, file := range a.Files {
				if dialects[ending].Source(file.Name) > 0 {
					f.Add(string(file.Data))
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > maxDialectSource {
			return
		}
		start := time.Now()
		candidates, faults := readAs(ending, source)
		if took := time.Since(start); took > patience {
			t.Errorf("took %v", took)
		}
		lines := strings.Count(source, "\n") + 1
		for _, c := range candidates {
			for _, config := range c.Configs {
				for _, v := range []said.Value{config.Name, config.URL, config.Token, config.TLS.Keystore.File} {
					if v.State != said.Absent && (v.At.Line < 1 || v.At.Line > lines || v.At.Column < 1) {
						t.Errorf("a value at %+v of %d lines", v.At, lines)
					}
				}
			}
		}
		for _, f := range faults {
			if f.Line < 1 || f.Line > lines || f.Cause == "" || f.Remedy == "" {
				t.Errorf("incomplete fault %#v", f)
			}
		}
	})
}

func FuzzKotlin(f *testing.F) { fuzzDialect(f, "kt") }
func FuzzScala(f *testing.F)  { fuzzDialect(f, "scala") }
func FuzzGroovy(f *testing.F) { fuzzDialect(f, "groovy") }

func benchmarkDialect(b *testing.B, file, ending string) {
	a, err := txtar.ParseFile(filepath.Join("..", "testdata", file))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if c, faults := readAs(ending, string(a.Files[0].Data)); len(c) == 0 || len(faults) > 0 {
			b.Fatal(c, faults)
		}
	}
}

func BenchmarkKotlin(b *testing.B) { benchmarkDialect(b, "kotlin/setters.txtar", "kt") }
func BenchmarkScala(b *testing.B)  { benchmarkDialect(b, "scala/app.txtar", "scala") }
func BenchmarkGroovy(b *testing.B) { benchmarkDialect(b, "groovy/script.txtar", "groovy") }
