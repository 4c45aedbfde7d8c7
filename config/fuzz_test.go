package config

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/zclconf/go-cty/cty"
)

// Each target is run for a while by `make fuzz`. What it finds is kept below
// testdata/fuzz, and is a case of the ordinary tests from then on.

// seeds gives every configuration below testdata/mistakes, and some that are
// right.
func seeds(f *testing.F) [][]byte {
	f.Helper()
	out := [][]byte{
		[]byte("inputs = { a = local.b, c = { d = [1, null, \"x\"] } }\nlocals {\n  b = sensitive({ x = 1 })\n}\n"),
		[]byte("terraform {\n  source = \"x\"\n  before_hook \"h\" {\n    commands = [\"plan\"]\n    execute = [sensitive(\"x\")]\n  }\n}\n"),
		[]byte("generate = { a = { path = \"p\", if_exists = \"skip\", contents = <<EOT\n%{ for x in [1] }${x}%{ endfor }\nEOT\n} }\n"),
		[]byte("errors {\n  retry \"r\" {\n    retryable_errors = [\"x\"]\n    max_attempts = 2\n    sleep_interval_sec = 1\n  }\n}\n"),
		[]byte("feature \"f\" { default = tomap({}) }\nexclude {\n  if = feature.f.value == {}\n  actions = []\n}\n"),
		[]byte("remote_state = { backend = \"s3\", config = { a = true, n = 1.5, l = [], m = {} }, generate = null }\n"),
		[]byte(`{"inputs": {"a": "${local.b}"}, "locals": {"b": [1, {"c": null}]}, "generate": {"g": {"path": "x", "if_exists": "skip", "contents": ""}}}`),
	}
	paths, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if strings.Contains(file.Name, ".hcl") {
				out = append(out, file.Data)
			}
		}
	}
	return out
}

// idleHost does nothing and knows nothing.
type idleHost struct{ outputs cty.Value }

func (idleHost) Env(context.Context, string) (Env, error)          { return Env{"HOME=/"}, nil }
func (idleHost) Exec(context.Context, Exec) ([]byte, error)        { return []byte("out\n"), nil }
func (idleHost) WorkingDir(context.Context, Place) (string, error) { return "/w", nil }
func (idleHost) AccountAlias(context.Context, Env) (string, error) { return "", errors.New("no cloud") }

func (idleHost) Assume(_ context.Context, _ string, env Env, _ IAM) (Env, error) { return env, nil }

func (idleHost) Identity(context.Context, Env) (Identity, error) {
	return Identity{Account: "1"}, nil
}
func (idleHost) Decrypt(context.Context, string, Env) ([]byte, error) {
	return nil, errors.New("no key")
}
func (h idleHost) Outputs(context.Context, *Unit) (cty.Value, error) { return h.outputs, nil }

// memory is a tree of files of which only the unit "base" lies in a folder.
type memory struct {
	l    *Loader
	root string
}

func base(f *testing.F) string {
	f.Helper()
	return tree(f, map[string]string{"base/terragrunt.hcl": "locals {\n  a = 1\n}\ninputs = { b = local.a }\n"})
}

func newMemory(root string, o Options) *memory {
	outputs := cty.ObjectVal(map[string]cty.Value{"id": cty.StringVal("x"), "l": cty.TupleVal([]cty.Value{cty.True})})
	return &memory{NewLoader(idleHost{outputs}, o), root}
}

func (m *memory) add(name string, src []byte) string {
	path := filepath.Join(m.root, filepath.FromSlash(name))
	p := &parsed{}
	p.once.Do(func() { p.file = m.l.parseText(path, src, m.l.schema) })
	m.l.files.Store(path, p)
	return path
}

// config evaluates the unit in a file, and wants an end in good time and an
// error of the right kind.
func (m *memory) config(t *testing.T, path string) (*Unit, *Config) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	slow := time.AfterFunc(10*time.Second, func() {
		panic("evaluation does not come to an end") // the fuzzer then keeps the input
	})
	defer slow.Stop()
	u, err := m.l.unitAt(ctx, coreKey{path: path, origin: path})
	if err == nil {
		_, _ = u.Check(ctx)
		var c *Config
		if c, err = u.Config(ctx); err == nil {
			return u, c
		}
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%T: %v", err, err)
	}
	for _, d := range e.Diagnostics {
		if d.Summary == "" {
			t.Errorf("a diagnostic without a word: %+v", d)
		}
		d.Snippet()
	}
	return nil, nil
}

// unitName is the name of a unit's file in the syntax that its text has.
func unitName(src []byte) string {
	if bytes.HasPrefix(src, []byte("{")) {
		return "app/" + JSONFileName
	}
	return "app/" + FileName
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, bytes.HasPrefix(s, []byte("{")))
	}
	root := base(f)
	f.Fuzz(func(t *testing.T, src []byte, isJSON bool) {
		name := "app/terragrunt.hcl"
		if isJSON {
			name += ".json"
		}
		m := newMemory(root, Options{})
		file := m.l.parseText(filepath.Join(m.root, name), src, m.l.schema)
		if file.err != nil && !isProblem(file.err) {
			t.Errorf("%T: %v", file.err, file.err)
		}
		if _, err := Format(src, name); err != nil {
			_ = err.Error()
		}
	})
}

func FuzzEvaluate(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, "plan", "x")
	}
	root := base(f)
	f.Fuzz(func(t *testing.T, src []byte, command, override string) {
		m := newMemory(root, Options{Command: command, Features: map[string]string{"fast": override, "f": override}, DeepMerge: true})
		m.config(t, m.add(unitName(src), src))
	})
}

func FuzzMerge(f *testing.F) {
	all := seeds(f)
	for i, s := range all {
		f.Add(s, all[(i+1)%len(all)])
	}
	root := base(f)
	f.Fuzz(func(t *testing.T, parent, child []byte) {
		for _, strategy := range []string{"shallow", "deep"} {
			m := newMemory(root, Options{Command: "plan"})
			m.add("root.hcl", parent)
			head := "include \"fuzz\" {\n  path = \"../root.hcl\"\n  expose = true\n  merge_strategy = \"" + strategy + "\"\n}\n"
			m.config(t, m.add("app/terragrunt.hcl", append([]byte(head), child...)))
		}
		p, c := constant(parent), constant(child)
		if p == cty.NilVal || c == cty.NilVal {
			return
		}
		if got := deepMerge(p, cty.EmptyObjectVal); isObject(p) && !p.IsNull() && !got.RawEquals(p) {
			t.Errorf("%#v under {} is %#v", p, got)
		}
		if got := deepMerge(cty.NullVal(p.Type()), c); !got.RawEquals(c) {
			t.Errorf("%#v over null is %#v", c, got)
		}
		deepMerge(p, c)
	})
}

// constant evaluates the inputs of a file, or gives NilVal.
func constant(src []byte) cty.Value {
	if tooDeep(src, "x.hcl").HasErrors() {
		return cty.NilVal
	}
	file, diags := hclsyntax.ParseConfig(src, "x.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal
	}
	attr, ok := file.Body.(*hclsyntax.Body).Attributes["inputs"]
	if !ok {
		return cty.NilVal
	}
	v, diags := attr.Expr.Value(nil)
	if diags.HasErrors() {
		return cty.NilVal
	}
	return v
}

func FuzzRender(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	root := base(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		m := newMemory(root, Options{Command: "render", Mocks: MockPolicy{AllowNotFound: true}})
		u, c := m.config(t, m.add(unitName(src), src))
		if c == nil {
			return
		}
		r, err := u.Render(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, metadata := range []bool{false, true} {
			text, err := r.JSON(metadata)
			if err == nil && !json.Valid(text) {
				t.Errorf("not JSON: %s", text)
			}
		}
		if _, diags := hclsyntax.ParseConfig(r.HCL(), "rendered.hcl", hcl.InitialPos); diags.HasErrors() {
			t.Errorf("%v in\n%s", diags, r.HCL())
		}
	})
}
