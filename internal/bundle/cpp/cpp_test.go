package cpp

import (
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
)

// A piece of code stands before a client whose name is n.
func around(code string) string {
	return "#include <hazelcast/client/hazelcast_client.h>\nint main(int argc, char** argv) {\n" + code +
		"\nhazelcast::client::client_config config;\nconfig.set_cluster_name(n);\nauto client = hazelcast::new_client(std::move(config)).get();\n}\n"
}

func TestTexts(t *testing.T) {
	corpus.Names(t, &Reader, "a.cpp", around, map[string]string{
		`auto n = "a\x62\143\u00e9" "d";`:                       "abcéd",
		`auto n = R"(a"\b)";`:                                   `a"\b`,
		`auto n = R"x(a)" b)x";`:                                `a)" b`,
		`auto n = u8"a";`:                                       "a",
		`std::string n("a");`:                                   "a",
		`std::string n{"a"};`:                                   "a",
		`const char* n = "a";`:                                  "a",
		`char n[] = "a";`:                                       "a",
		`std::string n = std::string("a") + "b";`:               "ab",
		`std::string n = "a" + std::to_string(1);`:              "?",
		`std::string n = x ? "a" : "b";`:                        "?",
		`std::string n = std::getenv("N");`:                     "?",
		`std::string n = argv[1];`:                              "?",
		`auto n = "a\xff";`:                                     "?",
		`auto n = "a" SUFFIX;`:                                  "?",
		"auto n = \"a\"; // n = \"b\"; \\\nn = \"c\";":          "a",
		"#define N \"a\"\nauto n = N;":                          "a",
		"#define N \"a\"\n#define N \"b\"\nauto n = N;":         "?",
		"#define N \"a\"\n#undef N\nauto n = N;":                "?",
		"#define N f(\"a\")\nauto n = N;":                       "?",
		"#define N(x) \"a\"\nauto n = N(1);":                    "?",
		"#ifdef X\n#define N \"a\"\n#endif\nauto n = N;":        "?",
		"#define N \"a\" // \"b\"\nauto n = N \"c\";":           "ac",
		`std::string n = "a"; int x = 1'000'000; char c = '"';`: "a",
		`std::string n(3, 'a');`:                                "?",
		`std::string n = "abc"s;`:                               "?",
		`std::string n = std::string{"a"}.substr(1);`:           "?",
	})
}

func TestFlow(t *testing.T) {
	corpus.Names(t, &Reader, "a.cpp", around, map[string]string{
		`std::string n = "a"; if (x) n = "b";`:                                 "?",
		`std::string n; if (x) { n = "a"; } else { n = "b"; }`:                 "?",
		`std::string n = "a"; n = "b";`:                                        "b",
		`std::string n = "a"; n += "b";`:                                       "ab",
		`std::string n = "a"; { std::string n = "b"; }`:                        "a",
		`std::string n = "a"; std::cin >> n;`:                                  "?",
		`std::string n = "a"; std::getline(std::cin, n);`:                      "?",
		`std::string n = "a"; change(&n);`:                                     "?",
		`std::string n = "a"; std::cout << n;`:                                 "a",
		`std::string n = "a"; for (auto& x : y) { n = x; }`:                    "?",
		"std::string n = \"a\";\n#if 0\nn = \"b\";\n#endif":                    "a",
		"std::string n = \"a\";\n#ifdef X\nn = \"b\";\n#endif":                 "?",
		"#if 1\nstd::string n = \"a\";\n#else\nstd::string n = \"b\";\n#endif": "a",
		"#if X\nstd::string n = \"a\";\n#else\nstd::string n = \"b\";\n#endif": "?",
		`auto f = [](std::string x) { return x; }; auto n = f("a");`:           "a",
		`std::string n = "a"; auto f = [&] { n = "b"; }; f();`:                 "b",
		`std::string n = "a"; n.append("b");`:                                  "?",
		`std::string n = "a"; n.clear();`:                                      "?",
		`std::string n = "a"; n.assign("b");`:                                  "?",
		`std::string n = "a"; auto& m = n; m = "b";`:                           "?",
		`std::string n = "a"; std::swap(n, m);`:                                "?",
	})
}

func TestConfigs(t *testing.T) {
	corpus.Names(t, &Reader, "a.cpp", func(code string) string { return "// hazelcast\n" + code }, map[string]string{
		`hazelcast::client::client_config make() { hazelcast::client::client_config c; c.set_cluster_name("a"); return c; }
int main() { auto config = make(); auto client = hazelcast::new_client(std::move(config)).get(); }`: "a",
		`int main() { client_config a; a.set_cluster_name("a"); auto b = a; b.set_cluster_name("b"); new_client(std::move(a)); }`:                        "a",
		`int main() { client_config a; a.set_cluster_name("a"); auto& b = a; b.set_cluster_name("b"); new_client(std::move(a)); }`:                       "b",
		`int main() { client_config a; a.set_cluster_name("a"); load(a); new_client(std::move(a)); }`:                                                    "?",
		`void f(client_config& c) { c.set_cluster_name("b"); } int main() { client_config a; a.set_cluster_name("a"); f(a); new_client(std::move(a)); }`: "b",
		`class App { client_config c; public: App() { c.set_cluster_name("a"); } void run() { new_client(c); } };`:                                       "a",
	})
}

func TestHostileSources(t *testing.T) {
	corpus.Names(t, &Reader, "a.cpp", around, map[string]string{
		"auto n = " + strings.Repeat("(", 40_000) + `"a"` + strings.Repeat(")", 40_000) + ";":     "?",
		`auto n = "a";` + strings.Repeat("{", 20_000) + strings.Repeat("}", 20_000):               "a",
		strings.Repeat("#define A \"a\" A\n", 20_000) + "auto n = A;":                             "?",
		strings.Repeat("#define A \"a\"\n", 1) + "auto n = " + strings.Repeat("A ", 40_000) + ";": strings.Repeat("a", 40_000),
		"auto n = R\"" + strings.Repeat("(", 100_000):                                             "fault: the text that starts here is never closed",
	})
}

func FuzzRead(f *testing.F) { corpus.FuzzReader(f, &Reader, "a.cpp", "../testdata/cpp") }

func BenchmarkRead(b *testing.B) { corpus.BenchReader(b, &Reader, "../testdata/cpp", "v4") }
