package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// rounds is how often each generator runs. Each round runs all of them.
const rounds = 15

// generator is a program that makes the files of a project.
type generator struct {
	Name    string
	Version string
	Why     string // why it was not measured; "" if it was
	// command makes them below the folder out, which does not exist.
	command func(ctx context.Context, out string) *exec.Cmd

	want        map[string][]byte // the files that it is to make
	Files, Same int               // how many it made, and how many of them are as wanted
	times       []time.Duration
}

// Median and Worst are for the table.
func (g *generator) Median() string {
	return shown(slices.Sorted(slices.Values(g.times))[len(g.times)/2])
}

// Worst is the longest time.
func (g *generator) Worst() string { return shown(slices.Max(g.times)) }

// generation measures whole processes that make the files of one project.
func (b *bench) generation(ctx context.Context) ([]*generator, error) {
	b.say("preparing the generators")
	list, err := b.failoverGen(ctx)
	if err != nil {
		return nil, err
	}
	list = append(list, b.cookiecutter(ctx, list[0].want))
	list = append(list, b.nodeGenerators(ctx, list[0].want)...)
	for round := range rounds {
		b.say("generating, round %d of %d", round+1, rounds)
		for i := range list {
			if err := b.timeOne(ctx, list[(round+i)%len(list)]); err != nil {
				return nil, err
			}
		}
	}
	return list, ctx.Err()
}

// timeOne runs a generator once and looks at what it made.
func (b *bench) timeOne(ctx context.Context, g *generator) error {
	if g.Why != "" {
		return ctx.Err()
	}
	out := filepath.Join(b.work, "orders") // beside the bundles, as the project is whose files are compared
	defer os.RemoveAll(out)
	cmd := g.command(ctx, out)
	start := time.Now()
	said, err := cmd.CombinedOutput()
	took := time.Since(start)
	if err != nil {
		g.Why = oneLine(fmt.Errorf("%w: %s", err, said[max(0, len(said)-200):]))
		return ctx.Err()
	}
	g.times = append(g.times, took)
	made, err := filesOf(out)
	g.Files, g.Same = len(made), 0
	for name, data := range made {
		if bytes.Equal(data, g.want[name]) {
			g.Same++
		}
	}
	return err
}

// filesOf reads the text files below a folder, by path with slashes. It leaves
// resources out, where keystores are.
func filesOf(dir string) (map[string][]byte, error) {
	files := make(map[string][]byte)
	return files, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "resources":
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
}

// failoverGen is this tool, built: once as users have it, and once for clusters
// without TLS, where it opens no keystore.
func (b *bench) failoverGen(ctx context.Context) ([]*generator, error) {
	binary := filepath.Join(b.work, "failover-gen.exe") // a name that every system runs
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/failover-gen/failover-gen").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building failover-gen: %w: %s", err, out)
	}
	var list []*generator
	for _, v := range []variant{{"failover-gen", "warm", true}, {"failover-gen, no keystores", "warm", false}} {
		dir, err := b.project(v)
		if err != nil {
			return nil, err
		}
		g := &generator{Name: v.client, Version: "this commit"}
		if g.want, err = filesOf(dir); err != nil {
			return nil, err
		}
		g.command = func(ctx context.Context, out string) *exec.Cmd {
			return exec.CommandContext(ctx, binary, b.generate(v, out)...)
		}
		list = append(list, g)
	}
	return list, nil
}

// templated makes templates of files. It replaces each first text of the values with
// the second: what an engine would take for its own mark, and what is a variable.
func templated(files map[string][]byte, values ...string) map[string][]byte {
	replace := strings.NewReplacer(values...)
	templates := make(map[string][]byte)
	for name, data := range files {
		templates[name] = []byte(replace.Replace(string(data)))
	}
	return templates
}

// writeFiles writes files below a folder.
func writeFiles(dir string, files map[string][]byte) error {
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
