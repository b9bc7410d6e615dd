package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The versions of the packages that npm installs.
const (
	plopVersion  = "4.0.5"
	hygenVersion = "6.2.11"
)

// cookiecutter is the one on PATH, such as Debian's.
func (b *bench) cookiecutter(ctx context.Context, files map[string][]byte) *generator {
	g := &generator{Name: "cookiecutter", want: files}
	version, err := exec.CommandContext(ctx, "cookiecutter", "--version").Output()
	if err != nil {
		g.Why = "not installed: " + err.Error()
		return g
	}
	g.Version = strings.TrimPrefix(strings.Join(strings.Fields(string(version))[:2], " "), "Cookiecutter ")
	dir := filepath.Join(b.work, "cookiecutter")
	variables, _ := json.Marshal(map[string]string{"folder": "orders", "module": module, "primary": b.names[0], "secondary": b.names[1]})
	templates := templated(files, "{{", `{{ "{{" }}`, "{%", `{{ "{%" }}`, "{#", `{{ "{#" }}`,
		module, "{{ cookiecutter.module }}", b.names[0], "{{ cookiecutter.primary }}", b.names[1], "{{ cookiecutter.secondary }}")
	if err := writeFiles(filepath.Join(dir, "{{cookiecutter.folder}}"), templates); err != nil {
		g.Why = err.Error()
	}
	if err := writeFiles(dir, map[string][]byte{"cookiecutter.json": variables}); err != nil {
		g.Why = err.Error()
	}
	g.command = func(ctx context.Context, out string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, "cookiecutter", "--no-input", "--output-dir", filepath.Dir(out), dir)
		cmd.Env = append(os.Environ(), "HOME="+b.work) // where it keeps what it was told
		return cmd
	}
	return g
}

// nodeGenerators are those that npm installs.
func (b *bench) nodeGenerators(ctx context.Context, files map[string][]byte) []*generator {
	plop, hygen := &generator{Name: "plop", Version: plopVersion, want: files}, &generator{Name: "hygen", Version: hygenVersion, want: files}
	both := []*generator{plop, hygen}
	dir := filepath.Join(b.work, "node")
	err := writeFiles(dir, map[string][]byte{"package.json": []byte(`{"private": true}`)})
	if err == nil {
		install := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "plop@"+plopVersion, "hygen@"+hygenVersion)
		install.Dir = dir
		var out []byte
		if out, err = install.CombinedOutput(); err != nil {
			err = fmt.Errorf("%w %s", err, out[:min(len(out), 200)])
		}
	}
	if err == nil {
		err = plop.fillPlop(dir, b, files)
	}
	if err == nil {
		err = hygen.fillHygen(dir, b, files)
	}
	if err != nil {
		plop.Why = oneLine(fmt.Errorf("not installed: %w", err))
		hygen.Why = plop.Why
	}
	return both
}

// plopfile has one generator, which renders all that is in templates.
const plopfile = `export default (plop) => plop.setGenerator("project", {
  prompts: ["module", "primary", "secondary"].map((name) => ({ type: "input", name })),
  actions: [{ type: "addMany", destination: ".", base: "templates", templateFiles: "templates/**", stripExtensions: [], globOptions: { dot: true }, data: { open: "{{" } }],
});
`

func (g *generator) fillPlop(dir string, b *bench, files map[string][]byte) error {
	ours := filepath.Join(dir, "plop")
	all := map[string][]byte{"plopfile.mjs": []byte(plopfile)}
	for name, data := range templated(files, "{{", "{{{open}}}", module, "{{{module}}}", b.names[0], "{{{primary}}}", b.names[1], "{{{secondary}}}") {
		all["templates/"+name] = data
	}
	g.command = func(ctx context.Context, out string) *exec.Cmd {
		return exec.CommandContext(ctx, "node", filepath.Join(dir, "node_modules", "plop", "bin", "plop.js"),
			"--plopfile", filepath.Join(ours, "plopfile.mjs"), "--dest", out, "project", module, b.names[0], b.names[1])
	}
	return writeFiles(ours, all)
}

func (g *generator) fillHygen(dir string, b *bench, files map[string][]byte) error {
	ours := filepath.Join(dir, "hygen")
	all := make(map[string][]byte)
	for name, data := range templated(files, "<%", "<%%", module, "<%- modulePath %>", b.names[0], "<%- primary %>", b.names[1], "<%- secondary %>") {
		all[fmt.Sprintf("project/new/%d.ejs.t", len(all))] = fmt.Appendf(nil, "---\nto: %s\n---\n%s", name, data)
	}
	g.command = func(ctx context.Context, out string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, "node", filepath.Join(dir, "node_modules", "hygen", "dist", "bin.js"), "project", "new",
			"--modulePath", module, "--primary", b.names[0], "--secondary", b.names[1])
		_ = os.Mkdir(out, 0o755) // it writes to the folder in which it runs
		cmd.Dir, cmd.Env = out, append(os.Environ(), "HYGEN_TMPLS="+ours)
		return cmd
	}
	return writeFiles(ours, all)
}
