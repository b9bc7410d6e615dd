package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const operatorPage = "docs/operator.md"

// The page for operators lists each line that a generated project can log, and no other.
func TestTheOperatorsPageListsEachLogLine(t *testing.T) {
	page := read(t, operatorPage)
	want := logLines(t, "templates")
	have := make(map[string]bool)
	for _, cell := range firstCells(page, "log line") {
		have[cell] = true
		if want[cell] == "" {
			t.Errorf("%s lists %q, and no template logs that", operatorPage, cell)
		}
	}
	for line, at := range want {
		if !have[line] {
			t.Errorf("%s does not list %q, which %s logs: add a row that says what it means and what to do", operatorPage, line, at)
		}
	}
	if len(want) < 30 {
		t.Errorf("only %d log lines were found in the templates: %v", len(want), want)
	}
}

// What the page says of causes, and where the errors send the reader, is there.
func TestTheOperatorsPageNamesRealCauses(t *testing.T) {
	sources := goTexts(t, "templates")
	page := read(t, operatorPage)
	causes := firstCells(page, "cause")
	for _, cause := range causes {
		first, _, _ := strings.Cut(cause, "...")
		if !strings.Contains(sources, first) {
			t.Errorf("%s explains the cause %q, which no template has", operatorPage, cause)
		}
	}
	sections := regexp.MustCompile(`see \\"([^"]+)\\" in failover-gen's docs/operator.md`).FindAllStringSubmatch(sources, -1)
	for _, s := range sections {
		if !strings.Contains(page, "\n### "+s[1]+"\n") {
			t.Errorf("an error names the section %q of %s, which is not there", s[1], operatorPage)
		}
	}
	if len(causes) < 5 || len(sections) < 2 {
		t.Errorf("%d causes, %d sections in errors: %v", len(causes), len(sections), sections)
	}
	for _, anchor := range regexp.MustCompile(`\]\(#([^)]+)\)`).FindAllStringSubmatch(page, -1) {
		found := slices.ContainsFunc(strings.Split(page, "\n"), func(line string) bool {
			title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
			return ok && strings.HasPrefix(line, "#") && slug(title) == anchor[1]
		})
		if !found {
			t.Errorf("%s links to #%s, which is not there", operatorPage, anchor[1])
		}
	}
}

// slug is the anchor that a title gets.
func slug(title string) string {
	title = regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(title), "")
	return strings.ReplaceAll(title, " ", "-")
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// firstCells are the codes in the first column of each table of a page that has this
// name over it.
func firstCells(page, name string) (cells []string) {
	for _, row := range tableRows(page, name) {
		cells = append(cells, strings.Trim(row[0], "`"))
	}
	return cells
}

// sourceFiles parses the files of a template that projects get.
func sourceFiles(t *testing.T, dir string) (files []*ast.File, set *token.FileSet) {
	t.Helper()
	set = token.NewFileSet()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		files = append(files, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, set
}

// goTexts are all texts in the sources of a template, as they stand there.
func goTexts(t *testing.T, dir string) string {
	files, _ := sourceFiles(t, dir)
	var b strings.Builder
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
				b.WriteString(text.Value + "\n")
			}
			return true
		})
	}
	return b.String()
}

// logLines are the messages that a template logs, each with its place. What differs in
// a message is "...".
func logLines(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, set := sourceFiles(t, dir)
	lines := make(map[string]string)
	constants := make(map[string]ast.Expr)
	events := 0
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			for i := 0; ok && i < min(len(spec.Names), len(spec.Values)); i++ {
				constants[spec.Names[i].Name] = spec.Values[i]
			}
			if kind, named := valueType(spec); named && kind == "EventType" {
				lines[pattern(spec.Values[0], nil)] = set.Position(spec.Pos()).String()
				events++
			}
			return true
		})
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			at := set.Position(call.Pos()).String()
			switch message := message(call); {
			case message == nil:
			case isEvent(message) && events > 0: // their names are constants, noted above
			case isWarning(message): // their texts are noted where they are made
			default:
				lines[pattern(message, constants)] = at
				if strings.Trim(pattern(message, constants), ". ") == "" {
					t.Errorf("%s: nothing of this log line is known before it is written, so that no page can explain it", at)
				}
			}
			if text := warningText(call); text != "" {
				lines[text] = at
			}
			return true
		})
	}
	return lines
}

func valueType(spec *ast.ValueSpec) (string, bool) {
	if spec == nil || len(spec.Values) == 0 {
		return "", false
	}
	name, ok := spec.Type.(*ast.Ident)
	if !ok {
		return "", false
	}
	return name.Name, true
}

// message is the message of a call that logs, nil for any other call.
func message(call *ast.CallExpr) ast.Expr {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if receiver, ok := f.X.(*ast.Ident); ok && receiver.Name == "http" { // http.Error
		return nil
	}
	place := map[string]int{"Debug": 0, "Info": 0, "Warn": 0, "Error": 0, "DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1, "Log": 2, "LogAttrs": 2}
	at, ok := place[f.Sel.Name]
	if !ok || len(call.Args) <= at {
		return nil
	}
	return call.Args[at]
}

// isEvent reports whether a message is the name of an event: string(e.Type).
func isEvent(message ast.Expr) bool {
	call, ok := message.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return false
	}
	field, ok := call.Args[0].(*ast.SelectorExpr)
	return ok && field.Sel.Name == "Type"
}

// isWarning reports whether a message is one of the warnings of the settings.
func isWarning(message ast.Expr) bool {
	name, ok := message.(*ast.Ident)
	return ok && name.Name == "warning"
}

// warningText is what append(s.Warnings, fmt.Sprintf(...)) adds, "" for other calls.
func warningText(call *ast.CallExpr) string {
	if name, ok := call.Fun.(*ast.Ident); !ok || name.Name != "append" || len(call.Args) != 2 {
		return ""
	}
	list, ok := call.Args[0].(*ast.SelectorExpr)
	made, isCall := call.Args[1].(*ast.CallExpr)
	if !ok || list.Sel.Name != "Warnings" || !isCall || len(made.Args) == 0 {
		return ""
	}
	return pattern(made.Args[0], nil)
}

// verb is where a format takes a value.
var verb = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)

// pattern is a text of which parts may be known only later: these are "...".
func pattern(x ast.Expr, constants map[string]ast.Expr) string {
	switch x := x.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(x.Value)
		return verb.ReplaceAllString(text, "...")
	case *ast.BinaryExpr:
		return pattern(x.X, constants) + pattern(x.Y, constants)
	case *ast.Ident:
		if value := constants[x.Name]; value != nil {
			return pattern(value, nil)
		}
	}
	return "..."
}
