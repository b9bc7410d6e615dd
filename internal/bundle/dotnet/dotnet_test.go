package dotnet

import (
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
)

// A piece of code stands before a client whose name is n.
func around(code string) string {
	return "using Hazelcast;\n" + code + "\nvar options = new HazelcastOptions { ClusterName = n };\nawait HazelcastClientFactory.StartNewClientAsync(options);\n"
}

func TestTexts(t *testing.T) {
	corpus.Names(t, &Reader, "a.cs", around, map[string]string{
		`var n = "a\x62\u0063\U00000064";`:               "abcd",
		`string n = @"a\b""c";`:                          `a\b"c`,
		"const string n = \"\"\"a\"b\"\"\";":             `a"b`,
		"var n = \"\"\"\n  a\n  \"\"\";":                 "?",
		`var x = "b"; var n = $"a{x}{{c}}";`:             "ab{c}",
		`var x = "b"; var n = $@"a\{x}";`:                `a\b`,
		`var n = $"a{x,5}";`:                             "?",
		`var n = $"a{x:D}";`:                             "?",
		`var n = $"a{(y ? "b" : "c")}";`:                 "?",
		`var n = "a" + 'b';`:                             "?",
		`var n = x ? "a" : "b";`:                         "?",
		`var n = x ?? "b";`:                              "?",
		`var n = string.Concat("a", "b");`:               "?",
		`var n = "a".Trim();`:                            "a",
		`var n = (string)"a";`:                           "a",
		`var n = "a" as string;`:                         "?",
		`var n = "a"!;`:                                  "a",
		`var n = x switch { 1 => "a", _ => "b" };`:       "?",
		`var n = nameof(a);`:                             "?",
		`string n = null;`:                               "",
		`var n = "a\q";`:                                 "?",
		"var n = \"a\"; // n = \"b\";\n/* n = \"c\"; */": "a",
		`var n = '"' + "a";`:                             "?",
		`var n = "a"u8;`:                                 "?",
	})
}

func TestFlow(t *testing.T) {
	corpus.Names(t, &Reader, "a.cs", around, map[string]string{
		`var n = "a"; if (x) n = "b";`:                                                "?",
		`var n = "a"; if (x) { n = "b"; } n = "c";`:                                   "c",
		`string n; if (x) n = "a"; else n = "b";`:                                     "?",
		`var n = "a"; (n, m) = ("b", "c");`:                                           "?",
		`var (n, m) = x;`:                                                             "?",
		`var n = "a"; Change(ref n);`:                                                 "?",
		`int.TryParse(x, out var n);`:                                                 "?",
		`var n = "a"; n ??= "b";`:                                                     "?",
		`var n = "a"; x = (n = "b");`:                                                 "?",
		"var n = \"a\";\n#if DEBUG\nn = \"b\";\n#endif":                               "?",
		"#if DEBUG\nvar n = \"a\";\n#else\nvar n = \"b\";\n#endif":                    "?",
		"var n = \"a\";\n#if false\nn = \"b\";\n#endif":                               "a",
		"var n = \"a\";\n#region x\nn = \"b\";\n#endregion":                           "b",
		`var n = F("a"); string F(string x) => x;`:                                    "a",
		`var n = F(); string F() { return "a"; }`:                                     "a",
		`var n = C.N; static class C { public const string N = "a"; }`:                "a",
		`var n = C.N; static class C { public static string N { get; set; } = "a"; }`: "a",
		`var n = C.N; static class C { public static string N { get; set; } = "a"; static C() { N = "b"; } }`: "?",
		`foreach (var n in x) { }`: "?",
		`var d = new Dictionary<string, string> { ["n"] = "a" }; var n = d["n"];`: "a",
		`var n = Environment.GetEnvironmentVariable("N") ?? "a";`:                 "?",
		`var n = args[0];`:                            "?",
		`if (args.Length == 0) { n = "a"; }`:          "a",
		`if (args.Length == 1) { n = "a"; }`:          "?",
		`var n = "a"; lock (x) { n = "b"; }`:          "b",
		`var n = "a"; using (var y = z) { n = "b"; }`: "b",
		`var n = "a"; Run(() => n = "b");`:            "?",
	})
}

func TestOptions(t *testing.T) {
	corpus.Names(t, &Reader, "a.cs", func(code string) string {
		return "using Hazelcast;\nclass P { static void Main(string[] args) {" + code + "} }"
	}, map[string]string{
		`var o = new HazelcastOptionsBuilder().With(o => o.ClusterName = "a").Build(); HazelcastClientFactory.StartNewClientAsync(o);`:                "a",
		`var o = new HazelcastOptionsBuilder().With((c, o) => { o.ClusterName = "a"; }).Build();`:                                                     "a",
		`var o = new HazelcastOptionsBuilder().With(args).With("hazelcast.clusterName", "a").Build(); HazelcastClientFactory.StartNewClientAsync(o);`: "a",
		`var o = HazelcastOptions.Build(args); o.ClusterName = "a"; HazelcastClientFactory.StartNewClientAsync(o);`:                                   "a",
		`HazelcastOptions o = new() { ClusterName = "a" }; HazelcastClientFactory.StartNewClientAsync(o);`:                                            "a",
		`configuration.Bind(o); `: "",
		`var o = new HazelcastOptions { ClusterName = "a" }; configuration.Bind(o); HazelcastClientFactory.StartNewClientAsync(o);`: "?",
	})
}

func TestHostileSources(t *testing.T) {
	corpus.Names(t, &Reader, "a.cs", around, map[string]string{
		"var n = " + strings.Repeat("(", 40_000) + `"a"` + strings.Repeat(")", 40_000) + ";": "?",
		"var n = \"a\";\n" + strings.Repeat("#if X\n", 20_000):                               "a",
		"#if false\n" + strings.Repeat("#if X\n", 20_000):                                    "fault: the condition that starts here is never closed",
		"var n = " + strings.Repeat("A<", 30_000) + ";":                                      "fault: the configuration of the client that is made here cannot be followed: it is a name that the source does not declare",
		"var n = " + strings.Repeat(`$"{`, 50) + strings.Repeat(`}"`, 50) + ";":              "?",
		`var n = "a";` + strings.Repeat("A<B,", 20_000):                                      "fault: the configuration of the client that is made here cannot be followed: it is a name that the source does not declare",
		strings.Repeat("class C {", 20_000) + strings.Repeat("}", 20_000) + `var n = "a";`:   "a",
	})
}

func FuzzRead(f *testing.F) { corpus.FuzzReader(f, &Reader, "a.cs", "../testdata/dotnet") }

func BenchmarkRead(b *testing.B) { corpus.BenchReader(b, &Reader, "../testdata/dotnet", "v5") }
