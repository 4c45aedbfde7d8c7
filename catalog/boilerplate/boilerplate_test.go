package boilerplate

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/terrace-iac/terrace/shell"
)

// lay writes an archive into a folder.
func lay(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// rendered gives the files of a template as "name: text" lines.
func rendered(t *testing.T, dir string, o Options, given map[string]any) (string, error) {
	t.Helper()
	out := filepath.Join(dir, "out")
	o.Exec = shell.NewProcess(nil)
	if o.Env == nil {
		o.Env = os.Environ()
	}
	r, err := New(o).Render(context.Background(), Job{Dir: filepath.Join(dir, "t"), URL: "t", Output: out, Given: given})
	if err != nil {
		return "", err
	}
	var lines []string
	for _, f := range r.Files {
		rel, _ := filepath.Rel(out, f.Path)
		lines = append(lines, filepath.ToSlash(rel)+": "+strings.TrimSpace(string(f.Text)))
	}
	return strings.Join(lines, "\n"), nil
}

func TestRender(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		archive string
		given   map[string]any
		want    string
	}{
		"types, references and order of defaults": {`
-- t/boilerplate.yml --
variables:
  - name: Line
    default: "{{ .Name }}-{{ .Count }}"
  - name: Name
  - name: Count
    type: int
    default: 3
  - name: Same
    type: list
    reference: List
  - name: List
    type: list
    default: [a, "{{ .Name }}"]
  - name: Map
    type: map
    default: {k: v}
  - name: On
    type: bool
-- t/x --
{{ .Line }} {{ range .Same }}{{ . }};{{ end }} {{ .Map.k }} {{ if .On }}on{{ end }} {{ add .Count 1 }}
`, map[string]any{"Name": "n", "On": "true", "Count": "5"}, "x: n-5 a;n; v on 6"},
		"names, skipped files and partials": {`
-- t/boilerplate.yml --
variables:
  - name: N
    default: svc
partials: ["../p/*.tmpl"]
skip_files:
  - path: secret.txt
  - path: "docs/**"
    if: "{{ eq .N \"svc\" }}"
  - not_path: "**/*"
    if: false
-- p/head.tmpl --
{{ define "head" }}<{{ .N }}>{{ end }}
-- t/{{ .N }}/a.txt --
{{ template "head" . }}
-- t/docs/b/c.md --
-- t/secret.txt --
`, nil, "svc/a.txt: <svc>"},
		"dependencies": {`
-- t/boilerplate.yml --
variables:
  - name: Envs
    type: list
    default: [dev, prod]
  - name: Title
    default: top
dependencies:
  - name: each
    template-url: ../dep
    output-folder: "live/{{ .__each__ }}"
    for_each_reference: Envs
    variables:
      - name: Server
        default: "srv-{{ .__each__ }}"
  - name: alone
    template-url: ../dep
    output-folder: alone
    dont-inherit-variables: true
  - name: never
    template-url: ../missing
    output-folder: x
    skip: "{{ eq .Title \"top\" }}"
-- t/own --
{{ .Title }}
-- dep/boilerplate.yml --
variables:
  - name: Server
    default: none
  - name: Title
    default: dep
-- dep/f --
{{ .Server }} {{ .Title }}
`, map[string]any{"alone.Server": "given"}, "live/dev/f: srv-dev top\nlive/prod/f: srv-prod top\nalone/f: given dep\nown: top"},
		"include and snippet": {`
-- t/boilerplate.yml --
variables: [{name: A, default: 1}]
skip_files: [{path: "inc/*"}]
-- t/inc/i --
[{{ .A }}]
-- t/inc/s --
no
// boilerplate-snippet: one
yes
// boilerplate-snippet: one
-- t/x --
{{ include "inc/i" . }}{{ snippet "inc/s" "one" }} {{ pathExists "inc/i" }} {{ pathExists "nope" }} {{ templateIsDefined "q" }}
`, nil, "x: [1]\nyes true false false"},
	} {
		got, err := rendered(t, lay(t, c.archive), Options{}, c.given)
		if err != nil || got != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, c.want)
		}
	}
}

func TestRenderMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ archive, want string }{
		"no value":           {"-- t/boilerplate.yml --\nvariables: [{name: A, description: about}]\n", "variable A (about) has no value"},
		"wrong type":         {"-- t/boilerplate.yml --\nvariables: [{name: A, type: int, default: x}]\n", "x is not a value of type int"},
		"unknown type":       {"-- t/boilerplate.yml --\nvariables: [{name: A, type: integer}]\n", `"integer" is not one of the types`},
		"not an option":      {"-- t/boilerplate.yml --\nvariables: [{name: A, type: enum, options: [a, b], default: c}]\n", "c is not one of a, b"},
		"validation":         {"-- t/boilerplate.yml --\nvariables: [{name: A, default: abc!, validations: [required, length-2-3]}]\n", "must have between 2 and 3 characters"},
		"unknown validation": {"-- t/boilerplate.yml --\nvariables: [{name: A, validations: sparkle}]\n", `there is no validation "sparkle"`},
		"unknown variable":   {"-- t/boilerplate.yml --\n-- t/x --\n{{ .Missing }}\n", "Missing"},
		"circle of defaults": {"-- t/boilerplate.yml --\nvariables: [{name: A, default: '{{ .B }}'}, {name: B, default: '{{ .A }}'}]\n", "variable A"},
		"out of the folder":  {"-- t/boilerplate.yml --\nvariables: [{name: A, default: ../..}]\n-- t/{{ .A }}/x --\n", "out of the output folder"},
		"another engine":     {"-- t/boilerplate.yml --\nengines: [{path: '*.jsonnet', template_engine: jsonnet}]\n-- t/x.jsonnet --\n", "jsonnet is not supported"},
		"leads to itself":    {"-- t/boilerplate.yml --\ndependencies: [{name: d, template-url: ., output-folder: x}]\n", "lead back to itself"},
		"no configuration":   {"-- t/x --\n", "there is no boilerplate.yml"},
		"refused hook":       {"-- t/boilerplate.yml --\nhooks: {before: [{command: sh, args: [-c, 'exit 0']}]}\n", "nobody can be asked"},
		"refused command":    {"-- t/boilerplate.yml --\n-- t/x --\n{{ shell \"sh\" }}", "--non-interactive"},
	} {
		got, err := rendered(t, lay(t, c.archive), Options{}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

const commands = `
-- t/boilerplate.yml --
variables: [{name: A, default: one}]
hooks:
  before:
    - command: sh
      args: [-c, 'echo before $X >log']
      env: {X: "{{ .A }}"}
    - command: "false"
      skip: "{{ eq .A \"one\" }}"
  after:
    - command: sh
      args: [-c, 'echo after >>log']
-- t/x --
{{ shell "sh" "-c" "echo $Y" "ENV:Y=made" }}
`

func TestCommands(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are those of a Unix shell")
	}
	dir := lay(t, commands)
	e := New(Options{AssumeYes: true, Exec: shell.NewProcess(nil), Env: os.Environ()})
	r, err := e.Render(context.Background(), Job{Dir: dir + "/t", Output: dir + "/out"})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(r.Files[len(r.Files)-1].Text); got != "made\n\n" {
		t.Errorf("x: %q", got)
	}
	if err := e.Finish(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	if log, _ := os.ReadFile(dir + "/t/log"); string(log) != "before one\nafter\n" {
		t.Errorf("log: %q", log)
	}

	got, err := rendered(t, lay(t, commands), Options{NoShell: true, NoHooks: true}, nil)
	if err != nil || got != "x: replace-me" {
		t.Errorf("without commands: %q, %v", got, err)
	}
}

// answers plays a person.
type answers struct {
	values []string
	allow  Answer
	asked  []string
}

func (a *answers) Ask(_ context.Context, q Question) (string, error) {
	a.asked = append(a.asked, q.Variable.Name+"="+q.Default+q.Problem)
	v := a.values[0]
	a.values = a.values[1:]
	return v, nil
}

func (a *answers) Confirm(_ context.Context, what string) (Answer, error) {
	a.asked = append(a.asked, what)
	return a.allow, nil
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	dir := lay(t, "-- t/boilerplate.yml --\nvariables:\n- {name: B, type: int, order: 2}\n- {name: A, default: x, order: 1}\n- {name: Given}\n-- t/f --\n{{ .A }}{{ .B }}\n")
	p := &answers{values: []string{"", "no", "7"}}
	got, err := rendered(t, dir, Options{Asker: p}, map[string]any{"Given": "g"})
	if err != nil || got != "f: x7" || strings.Join(p.asked, ";") != "A=x;B=;B=no is not a value of type int" {
		t.Errorf("%q, %v, asked %q", got, err, p.asked)
	}
	refuses := &answers{values: []string{"v"}, allow: No}
	got, err = rendered(t, lay(t, commands), Options{Asker: refuses}, nil)
	if err != nil || got != "x: replace-me" {
		t.Errorf("refused: %q, %v, asked %q", got, err, refuses.asked)
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		`upper "a"`: "A", `title "foo bar"`: "Foo Bar", `"x-y" | replaceAll "-" "_"`: "x_y", `replace "a" "b" "aa"`: "ba",
		`dasherize "foo Bar baz"`: "foo-bar-baz", `camelCase "foo-bar"`: "FooBar", `camelCaseLower "foo Bar baz"`: "fooBarBaz", `snakecase "FirstHTTPName"`: "first_http_name",
		`trimPrefix "hello-world" "hello"`: "-world", `"hello-world" | trimPrefixSprig "hello"`: "-world", `indent 2 "a\nb"`: "  a\n  b", `quote "a" 1`: `"a" "1"`,
		`default "d" ""`: "d", `default "d" "x"`: "x", `coalesce "" 0 "z"`: "z", `ternary "y" "n" true`: "y", `empty (list)`: "true",
		`join "," (list "a" 1)`: "a,1", `first (list 1 2)`: "1", `last (list 1 2)`: "2", `rest (list 1 2 3)`: "[2 3]", `has 2 (list 1 2)`: "true", `uniq (list 1 1 2)`: "[1 2]",
		`keys (dict "b" 1 "a" 2)`: "[a b]", `get (dict "a" 1) "a"`: "1", `hasKey (dict "a" 1) "b"`: "false", `toJson (dict "a" "<")`: `{"a":"<"}`, `(fromYaml "a: [1]").a`: "[1]",
		`round 1.5`: "2", `floor 1.9`: "1", `plus 1 0.5`: "1.5", `div 7 2`: "3", `mod 7 2`: "1", `max 1 5 3`: "5", `slice 1 5 1`: "[1 2 3 4]", `until 3`: "[0 1 2]", `roundFloat 123.5555 3`: "123.556",
		`b64enc "a" | b64dec`: "a", `sha256sum "" | trunc 6`: "e3b0c4", `base "a/b.tf"`: "b.tf", `regexReplaceAll "[0-9]+" "a1b22" "#"`: "a#b#", `env "NOPE" "def"`: "def", `splitList "," "a,b"`: "[a b]",
	} {
		dir := lay(t, "-- t/boilerplate.yml --\n-- t/x --\n{{ "+expression+" }}\n")
		got, err := rendered(t, dir, Options{}, nil)
		if want = "x: " + strings.TrimSpace(want); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", expression, got, err, want)
		}
	}
	for _, expression := range []string{`div 1 0`, `mod 1 0.5`, `until 99999999`, `repeat -1 "a"`, `fail "stop"`, `plus "x" 1`, `sliceList (list 1) 3`, `regexMatch "(" "a"`} {
		if got, err := rendered(t, lay(t, "-- t/boilerplate.yml --\n-- t/x --\n{{ "+expression+" }}\n"), Options{}, nil); err == nil {
			t.Errorf("%s gives %q", expression, got)
		}
	}
}
