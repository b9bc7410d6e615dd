package java

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
)

// nameOf reads a class body and gives the one configuration's name.
func nameOf(t *testing.T, body string) said.Value {
	t.Helper()
	candidates, faults := Read([]said.File{{Name: "T.java", Path: "T.java", Data: []byte("class T {\n" + body + "\n}\n")}})
	if len(faults) > 0 {
		t.Fatalf("%s\n%v", body, faults)
	}
	if len(candidates) != 1 || len(candidates[0].Configs) != 1 {
		t.Fatalf("%s\ngave %+v", body, candidates)
	}
	return candidates[0].Configs[0].Name
}

// TestTexts gives setClusterName an expression and wants what Java computes.
func TestTexts(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		{`"plain"`, "plain"},
		{`"\t\b\f\s\"\'\\ \0 \12 \377 \1234"`, "\t\b\f \"'\\ \x00 \n ÿ S4"},
		{`"\u0041\\u0041\\\u0041\uuu0042"`, "A\\u0041\\AB"},
		{`"\ud83d\ude00"`, "😀"},
		{`"a" + 'b' + 12 + ("c" + "d")`, "ab12cd"},
		{`("a")`, "a"},
		{`(String) "a"`, "a"},
		{`(java.lang.String) ("a" + "b")`, "ab"},
		{`"\"\"\"x"`, `"""x`},
		{`""` + `"` + "\n  a\n    b \\\n  c\n  " + `""` + `"`, "a\n  b c\n"},
		{`String.valueOf("a").concat("b").trim()`, "ab"},
		{`new String(" a ").strip()`, "a"},
		{`true ? "a" : "a"`, "a"},
		{`/* "x" */ "a" // "y"`, "a"},
		{`true + "a"`, "truea"},
	} {
		got := nameOf(t, "void m() { ClientConfig c = new ClientConfig(); c.setClusterName("+c.expression+"\n); }")
		if got.State != said.Known || got.Text != c.want {
			t.Errorf("%s is %q (%d), want %q", c.expression, got.Text, got.State, c.want)
		}
	}
}

// TestNotFollowed gives setClusterName what would need running.
func TestNotFollowed(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		{`System.getenv("X")`, "the environment variable X"},
		{`"a" + System.getenv("X")`, "the environment variable X"},
		{`System.getProperty("x", "y")`, "the system property x"},
		{`String.join("-", "a")`, "the result of String.join()"},
		{`"a".toUpperCase()`, "the result of toUpperCase()"},
		{`unheard(1)`, "the result of unheard()"},
		{`UNHEARD`, "a name that no source in the bundle declares"},
		{`new StringBuilder().append("a").toString()`, "the result of StringBuilder.append()"},
		{`names[0]`, "an element of an array"},
		{`x -> "a"`, "a lambda expression"},
		{`(a, b) -> { return "a"; }`, "a lambda expression"},
		{`T::name`, "a method reference"},
		{`1 - 2`, "the result of an operator"},
		{`0x10`, "a number in a form that is not followed"},
		{`switch (x) { case 1 -> "a"; default -> "b"; }`, "a switch expression"},
		{`"\q"`, "a text that is not UTF-8 or holds an unknown escape"},
		{"\"\xff\"", "a text that is not UTF-8 or holds an unknown escape"},
		{`x ? "a" : "b"`, "a value that depends on a condition"},
		{`new Object()`, "an object of class Object"},
		{`recursive("a")`, "the result of recursive(), which calls itself or goes too deep"},
		{`LOOP`, "the field LOOP, which depends on itself"},
		{`either("a")`, "the result of either(), of which there are several"},
	} {
		got := nameOf(t, `String recursive(String s) { return recursive(s); }
			static String LOOP = "a" + LOOP;
			String either(String s) { return s; }
			String either(int n) { return "n"; }
			void m() { ClientConfig c = new ClientConfig(); c.setClusterName(`+c.expression+"); }")
		if got.State != said.NotFollowed || got.Why != c.want || got.At.Line == 0 {
			t.Errorf("%s is %q (%d) at %v, want %q", c.expression, got.Why, got.State, got.At, c.want)
		}
	}
}

// TestStatements wants the name that is set after statements of every kind.
func TestStatements(t *testing.T) {
	const unset, conditional = "<unset>", "<conditional>"
	for _, c := range []struct{ statements, want string }{
		{`String s = "a"; c.setClusterName(s);`, "a"},
		{`final @A("x") String a = "a", b[] = {"q"}, s = a + "b"; c.setClusterName(s);`, "ab"},
		{`Map<String, List<? extends T>> m = null; var s = "a"; c.setClusterName(s);`, "a"},
		{`{ String s = "a"; } String s = "b"; c.setClusterName(s);`, "b"},
		{`if (x) c.setClusterName("a");`, "a"},
		{`c.setClusterName("a"); if (x) c.setClusterName("b");`, conditional},
		{`c.setClusterName("a"); if (false) c.setClusterName("b"); else c.setClusterName("c");`, "c"},
		{`if (true) c.setClusterName("a"); else c.setClusterName("b");`, "a"},
		{`if (x) { c.setClusterName("a"); } else if (y) { c.setClusterName("b"); }`, conditional},
		{`if (x) { String s = "a"; s = "b"; c.setClusterName(s); }`, "b"},
		{`String s; if (x) s = "a"; else s = "a"; c.setClusterName(s);`, "a"},
		{`for (int i = 0; i < 3; i++) { c.setClusterName("a"); }`, "a"},
		{`for (String s : names) c.setClusterName("a");`, "a"},
		{`while (false) c.setClusterName("a"); c.setClusterName("b");`, "b"},
		{`do { c.setClusterName("a"); } while (x);`, "a"},
		{`switch (x) { case "k": case "l": c.setClusterName("a"); break; default: }`, "a"},
		{`switch (x) { case 1 -> c.setClusterName("a"); default -> { c.setClusterName("b"); } }`, conditional},
		{`try { c.setClusterName("a"); } catch (A | B e) { throw e; } finally { }`, "a"},
		{`try (R r = new R(); S s = new S()) { c.setClusterName("a"); }`, "a"},
		{`synchronized (this) { c.setClusterName("a"); }`, "a"},
		{`outer: for (;;) { c.setClusterName("a"); break outer; }`, "a"},
		{`class Local { void m() { c.setClusterName("z"); } } c.setClusterName("a");`, "a"},
		{`run(() -> { c.setClusterName("z"); }); c.setClusterName("a");`, "a"},
		{`return; `, unset},
		{`assert x : "z"; c.setClusterName("a");`, "a"},
		{`if (x instanceof String s && !s.isEmpty()) c.setClusterName("a");`, "a"},
		{`boolean b = 1 < 2 && 3 >> 1 > 0; c.setClusterName("a");`, "a"},
		{`int i = 0; i++; ++i; i += 2; c.setClusterName("a");`, "a"},
		{`List.<String>of("x"); c.<Object>setClusterName("a");`, "a"},
		{`Runnable r = new Runnable() { public void run() { c.setClusterName("z"); } }; c.setClusterName("a");`, "a"},
		{`int[][] a = new int[3][]; String[] s = new String[] {"x", "y"}; c.setClusterName("a");`, "a"},
		{`c.setClusterName("a"); c = new ClientConfig(); c.setClusterName("b");`, "b"},
	} {
		body := "void m(Object x, Object y) { ClientConfig c = new ClientConfig(); c.setLabel(1); c.getGroupConfig().setPassword(\"p\"); " + c.statements + " HazelcastClient.newHazelcastClient(c); }"
		candidates, faults := Read([]said.File{{Name: "T.java", Path: "T.java", Data: []byte("class T {\n" + body + "\n}\n")}})
		got := unset
		if len(candidates) == 1 && len(candidates[0].Configs) == 1 {
			if f := candidates[0].Configs[0].Name; f.State == said.Known {
				got = f.Text
			} else if strings.Contains(f.Why, "condition") {
				got = conditional
			}
		}
		if got != c.want || len(faults) > 0 {
			t.Errorf("%s\ngives %s, want %s %v", c.statements, got, c.want, faults)
		}
	}
}

// doublingTakers gives each of a row of Properties to the next one, again and again:
// the ways from the first to the last double with each.
func doublingTakers() string {
	var b strings.Builder
	for i := range 15 {
		fmt.Fprintf(&b, "Properties p%d = new Properties(); p%d.setProperty(\"javax.net.ssl.keyStore\", \"k\"); ", i, i)
	}
	for i := range 14 {
		b.WriteString(strings.Repeat(fmt.Sprintf("p%d.putAll(p%d); ", i+1, i), 10))
	}
	return b.String()
}

// patience tells a hang from work. Everything here takes under 2 seconds on an
// idle machine; this one may be busy, and the race detector slows it tenfold.
const patience = 20 * time.Second

// TestTooMuch gives sources that would take forever, or all memory.
func TestTooMuch(t *testing.T) {
	method := func(body string) string {
		return "class T { public static void main(String[] a) { ClientConfig c = new ClientConfig(); " + body + " c.setClusterName(\"a\"); HazelcastClient.newHazelcastClient(c); } }"
	}
	repeat := strings.Repeat
	doubling := "class T { public static void main(String[] a) { m0(); } "
	for i := range 60 {
		doubling += fmt.Sprintf("static ClientConfig m%d() { m%d(); m%d(); return null; } ", i, i+1, i+1)
	}
	doubling += "static void m60() { new ClientConfig().setClusterName(\"a\"); } }"
	for name, source := range map[string]string{
		"nested blocks":       method(repeat("{", 5000) + repeat("}", 5000)),
		"nested parentheses":  method("c.setClusterName(" + repeat("(", 5000) + repeat(")", 5000) + ");"),
		"nested calls":        method(repeat("f(", 5000) + repeat(")", 5000) + ";"),
		"nested conditions":   method("String s = " + repeat("x ? ", 5000) + "1" + repeat(": 2", 5000) + ";"),
		"nested ifs":          method(repeat("if (x) ", 5000) + ";"),
		"nested classes":      repeat("class A { ClientConfig c; ", 2000) + repeat("}", 2000),
		"operators":           method("x = " + repeat("!", 20000) + "y;"),
		"a long chain":        method("c" + repeat(".setX(1)", 20000) + ";"),
		"a long sum":          method("String s = " + repeat("\"aaaaaaaa\" + ", 30000) + "\"\";"),
		"doubling text":       method("String s = \"aaaaaaaaaaaaaaaa\"; " + repeat("s = s + s + s;", 2000)),
		"doubling lists":      method("ArrayList l = new ArrayList(); l.add(1); " + repeat("l.addAll(l);", 2000)),
		"doubling copies":     method("ClientConfig d = new ClientConfig(); " + repeat("d.setA(new ClientConfig(d)); d.setB(new ClientConfig(d));", 2000)),
		"doubling takers":     method(doublingTakers()),
		"doubling calls":      doubling,
		"less-than signs":     method(repeat("x.<a", 20000) + ";"),
		"generic types":       method(repeat("Map<String, ", 10000) + ";"),
		"annotations":         "class T { " + repeat("@A ", 50000) + "ClientConfig c; }",
		"commas":              method("int a" + repeat(", b", 40000) + ";"),
		"too many tokens":     "class ClientConfig {" + repeat(";", MaxSource/2) + "}",
		"labels":              method(repeat("a: ", 20000) + ";"),
		"recursion":           "class T { public static void main(String[] a) { main(a); main(a); ClientConfig c; } }",
		"recursive fields":    "class T { static String A = B + B, B = A + A; public static void main(String[] a) { new ClientConfig().setClusterName(A); } }",
		"recursive objects":   "class T { T t = new T(); ClientConfig c = new ClientConfig(); T(T o) { c = o.c; } void m() { new T(new T(this)); c.setClusterName(\"a\"); } }",
		"unclosed everything": method(repeat("({[", 5000)),
		"an endless escape":   "\\" + repeat("u", MaxSource-100) + " ClientConfig",
		"backslashes":         "class ClientConfig { String s = \"" + repeat("\\", MaxSource-100) + "\"; }",
	} {
		start := time.Now()
		candidates, faults := Read([]said.File{{Name: "T.java", Path: "T.java", Data: []byte(source)}})
		if took := time.Since(start); took > patience {
			t.Errorf("%s took %v", name, took)
		}
		if len(candidates) == 0 && len(faults) == 0 && strings.Contains(source, "setClusterName(\"a\")") {
			t.Errorf("%s: neither read nor refused", name)
		}
		if text := faults.Error(); len(text) > 2000 {
			t.Errorf("%s: an error of %d bytes", name, len(text))
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, dir := range []string{"spellings", "errors"} {
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
				if strings.EqualFold(filepath.Ext(file.Name), ".java") {
					f.Add(file.Data)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > MaxSource {
			return
		}
		start := time.Now()
		candidates, faults := Read([]said.File{{Name: "T.java", Path: "T.java", Data: data}})
		if took := time.Since(start); took > patience {
			t.Errorf("took %v", took)
		}
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 1
		for _, c := range candidates {
			for _, config := range c.Configs {
				for _, field := range []said.Value{config.Name, config.URL, config.Token, config.TLS.Keystore.File} {
					if field.State != said.Absent && (field.At.Line < 1 || field.At.Line > lines || field.At.Column < 1) {
						t.Errorf("a field at %+v of %d lines", field.At, lines)
					}
				}
			}
		}
		for _, fault := range faults {
			if fault.Line < 1 || fault.Line > lines || fault.Cause == "" || fault.Remedy == "" {
				t.Errorf("incomplete fault %#v", fault)
			}
		}
	})
}
