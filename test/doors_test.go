package test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/terrace-iac/terrace"
	// servers starts real ones; the tests of every room may use it.
	servers = module + "/test/parts"
)

// engine and features are the rooms below cli; see ARCHITECTURE.md.
var (
	engine   = []string{"run", "configstack", "config", "shell", "source", "remote", "review"}
	features = []string{"live", "bundle", "report", "drift", "promote", "providercache", "catalog", "telemetry"}
)

// doors says for each room which other rooms it may import. A room is a top-level folder;
// "main" is the root package.
func doors() map[string][]string {
	table := map[string][]string{
		"main":        {"cli"},
		"cli":         slices.Concat(engine, features, []string{"ui"}),
		"run":         {"config", "shell", "source", "remote"},
		"configstack": {"config", "source"},
		"config":      {},
		"shell":       {},
		"source":      {},
		"remote":      {},
		"review":      {},
		"ui":          {},
		"test":        {},
	}
	for _, room := range features {
		table[room] = engine
	}
	for _, room := range []string{"promote", "bundle", "drift"} {
		table[room] = append(slices.Clone(engine), "live")
	}
	return table
}

// TestDoors fails on an import that goes the wrong way, in any file that is built for one of
// the systems that we support, tests included.
func TestDoors(t *testing.T) {
	t.Parallel()
	if err := noteSources(moduleRoot()); err != nil {
		t.Fatal(err)
	}
	for _, goos := range []string{"linux", "darwin", "windows"} {
		for _, wrong := range wrongDoors(imports(t, goos)) {
			t.Errorf("%s: %s", goos, wrong)
		}
	}
}

// wrongDoors judges a graph from package path to imported package paths.
func wrongDoors(graph map[string][]string) []string {
	table := doors()
	var wrong []string
	for from, tos := range graph {
		allowed, known := table[room(from)]
		if !known {
			wrong = append(wrong, fmt.Sprintf("%s: the room %q is not in the table of doors", from, room(from)))
			continue
		}
		for _, to := range tos {
			if room(to) != room(from) && !slices.Contains(allowed, room(to)) {
				wrong = append(wrong, fmt.Sprintf("%s imports %s: %s may import %v", from, to, room(from), allowed))
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

// room returns the top-level folder of a package of this module.
func room(path string) string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
	if path == "" {
		return "main"
	}
	first, _, _ := strings.Cut(path, "/")
	return first
}

func TestWrongDoors(t *testing.T) {
	t.Parallel()
	p := func(name string) string { return module + "/" + name }
	for name, c := range map[string]struct {
		from, to string
		wrong    bool
	}{
		"main opens cli":                     {module, p("cli"), false},
		"main opens the engine":              {module, p("run"), true},
		"cli opens all":                      {p("cli"), p("providercache"), false},
		"run opens config":                   {p("run"), p("config"), false},
		"run opens the graph":                {p("run"), p("configstack"), true},
		"the graph opens run":                {p("configstack"), p("run"), true},
		"config opens shell":                 {p("config"), p("shell"), true},
		"an inner package opens another":     {p("config/hclfmt"), p("source/git"), true},
		"an inner package opens its room":    {p("config/hclfmt"), p("config"), false},
		"the engine opens ui":                {p("run"), p("ui"), true},
		"a feature opens review":             {p("report"), p("review"), false},
		"a feature opens ui":                 {p("report"), p("ui"), true},
		"a feature opens another":            {p("report"), p("bundle"), true},
		"promote opens live":                 {p("promote"), p("live"), false},
		"live opens promote":                 {p("live"), p("promote"), true},
		"a low room opens cli":               {p("remote"), p("cli"), true},
		"the tests open a room":              {p("test"), p("cli"), true},
		"a room that nobody has heard of":    {p("utils"), p("utils/strings"), true},
		"cli opens a room that is not there": {p("cli"), p("helpers"), true},
	} {
		got := wrongDoors(map[string][]string{c.from: {c.to}})
		if (len(got) > 0) != c.wrong {
			t.Errorf("%s: wrongDoors says %q", name, got)
		}
	}
}

// imports asks the go command for the graph of this module as built for a system. Packages
// of others are left out.
func imports(t *testing.T, goos string) map[string][]string {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = moduleRoot()
	cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	graph := map[string][]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		tests := slices.DeleteFunc(slices.Concat(p.TestImports, p.XTestImports), func(path string) bool { return path == servers })
		graph[p.ImportPath] = ours(slices.Concat(p.Imports, tests))
	}
	if len(graph) < 2 {
		t.Fatalf("go list names only %d packages", len(graph))
	}
	return graph
}

func ours(paths []string) []string {
	var own []string
	for _, path := range paths {
		if path == module || strings.HasPrefix(path, module+"/") {
			own = append(own, path)
		}
	}
	return own
}
