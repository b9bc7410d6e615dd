package vet

import (
	"go/ast"
	"go/build/constraint"
	"go/token"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Ignore reports directives that name no analyzer or give no reason.
var Ignore = &analysis.Analyzer{
	Name:     "ignore",
	Doc:      "report //failover:ignore directives without an analyzer's name or without a reason\n\nA directive is written //failover:ignore ANALYZER reason, on the line that it excuses or on the line above.",
	URL:      page("ignore"),
	Requires: []*analysis.Analyzer{directives},
	Run:      reportBadDirectives,
}

// directives finds the directives of a package for the analyzers that report through it.
var directives = &analysis.Analyzer{
	Name:       "failoverdirectives",
	Doc:        "find //failover:ignore directives, for other analyzers",
	ResultType: reflect.TypeFor[*excuses](),
	Run:        findDirectives,
}

const directive = "//failover:ignore"

// excuses are the directives of one package.
type excuses struct {
	all []*excuse
}

// excuse is one directive. Only the pass of the analyzer that it names writes
// used, so that analyzers may run at the same time.
type excuse struct {
	analyzer, reason string
	file             string
	line             int
	pos, end         token.Pos
	used             bool
}

func findDirectives(pass *analysis.Pass) (any, error) {
	found := &excuses{}
	for _, file := range pass.Files {
		for _, group := range file.Comments {
			for _, comment := range group.List {
				rest, ok := strings.CutPrefix(comment.Text, directive)
				if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
					continue
				}
				analyzer, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
				at := pass.Fset.Position(comment.Pos())
				found.all = append(found.all, &excuse{
					analyzer: analyzer, reason: reasonOf(reason), file: at.Filename, line: at.Line, pos: comment.Pos(), end: comment.End(),
				})
			}
		}
	}
	return found, nil
}

// reasonOf returns a directive's reason without a comment inside the comment,
// as the tests of analyzers have them.
func reasonOf(text string) string {
	text, _, _ = strings.Cut(text, "//")
	return strings.TrimSpace(text)
}

func reportBadDirectives(pass *analysis.Pass) (any, error) {
	for _, e := range pass.ResultOf[directives].(*excuses).all {
		switch {
		case !slices.Contains(names, e.analyzer):
			pass.Report(analysis.Diagnostic{Pos: e.pos, End: e.end, Message: "this directive names no analyzer and excuses nothing: write " +
				directive + " ANALYZER reason, where ANALYZER is one of " + strings.Join(names, ", ")})
		case e.reason == "":
			pass.Report(analysis.Diagnostic{Pos: e.pos, End: e.end, Message: "this directive has no reason and excuses nothing: write " +
				directive + " " + e.analyzer + " and why what it excuses is safe here"})
		}
	}
	return nil, nil
}

// run makes an analyzer's Run of a function that reports with report. It adds a
// report of each directive that names the analyzer and excuses nothing. The
// analyzer must require directives.
func run(analyze func(*analysis.Pass) error) func(*analysis.Pass) (any, error) {
	return func(pass *analysis.Pass) (any, error) {
		if err := analyze(pass); err != nil {
			return nil, err
		}
		for _, e := range pass.ResultOf[directives].(*excuses).all {
			if e.analyzer == pass.Analyzer.Name && e.reason != "" && !e.used && !isForTests(pass, e.file) {
				pass.Report(analysis.Diagnostic{Pos: e.pos, End: e.end, Message: "this directive excuses nothing: " + e.analyzer + " reports nothing here; remove it"})
			}
		}
		return nil, nil
	}
}

// report reports what an analyzer found, unless it stands in code for tests or a
// directive on its line or on the line above excuses it.
func report(pass *analysis.Pass, d analysis.Diagnostic) {
	at := pass.Fset.Position(d.Pos)
	if isForTests(pass, at.Filename) {
		return
	}
	for _, e := range pass.ResultOf[directives].(*excuses).all {
		if e.analyzer == pass.Analyzer.Name && e.reason != "" && e.file == at.Filename && (e.line == at.Line || e.line == at.Line-1) {
			e.used = true
			return
		}
	}
	pass.Report(d)
}

// testFolders are names of packages that tests share.
const testFolders = "test tests testing testutil testutils testhelper testhelpers e2e integration"

// isForTests reports whether a file serves tests only, which no outage meets: it
// is named so, built with a tag of tests only, belongs to a package that imports
// testing, or lies in a folder of what tests share.
func isForTests(pass *analysis.Pass, filename string) bool {
	if strings.HasSuffix(filename, "_test.go") {
		return true
	}
	folder := pass.Pkg.Path()[strings.LastIndex(pass.Pkg.Path(), "/")+1:]
	if pass.Pkg.Name() != "main" && slices.Contains(strings.Fields(testFolders), folder) {
		return true
	}
	for _, file := range pass.Files {
		name := pass.Fset.Position(file.FileStart).Filename
		if name == filename && needsTestTag(file) {
			return true
		}
		for _, spec := range file.Imports {
			if spec.Path.Value == `"testing"` && !strings.HasSuffix(name, "_test.go") {
				return true
			}
		}
	}
	return false
}

// needsTestTag reports whether a file is left out of a build without a tag that
// stands for tests.
func needsTestTag(file *ast.File) bool {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			break
		}
		for _, comment := range group.List {
			expr, err := constraint.Parse(comment.Text)
			if err != nil {
				continue
			}
			all := expr.Eval(func(string) bool { return true })
			without := expr.Eval(func(tag string) bool { return !slices.Contains(strings.Fields(testFolders+" it"), tag) })
			if all && !without {
				return true
			}
		}
	}
	return false
}

// imports reports whether the package imports another itself, by its path or by
// one below it.
func imports(pass *analysis.Pass, paths ...string) bool {
	for _, imported := range pass.Pkg.Imports() {
		for _, path := range paths {
			if imported.Path() == path || strings.HasPrefix(imported.Path(), path+"/") {
				return true
			}
		}
	}
	return false
}
