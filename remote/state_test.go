package remote

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const storedState = `{
  "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "l",
  "outputs": {"a": {"value": {"x": [1]}, "type": ["object", {"x": ["list", "number"]}], "sensitive": true}, "n": {"value": null, "type": "string"}},
  "resources": [{"instances": [{"attributes": {"outputs": 1}}]}]
}`

func TestParseState(t *testing.T) {
	t.Parallel()
	s, err := ParseState([]byte(storedState))
	if err != nil {
		t.Fatal(err)
	}
	if s.Version != 4 || s.Serial != 7 || s.Lineage != "l" || len(s.Outputs) != 2 || s.Resources != 1 {
		t.Errorf("got %+v", s)
	}
	if a := s.Outputs["a"]; string(a.Value) != `{"x": [1]}` || string(a.Type) != `["object", {"x": ["list", "number"]}]` || !a.Sensitive {
		t.Errorf("got %s %s %v", a.Value, a.Type, a.Sensitive)
	}
	if n := s.Outputs["n"]; string(n.Value) != "null" {
		t.Errorf("got %q, want null", n.Value)
	}
	if s, err := ParseState([]byte(`{"version": 4}`)); err != nil || s.Outputs == nil {
		t.Errorf("without outputs: got %+v %v", s, err)
	}
}

func TestParseStateUnreadable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"serial": 1, "meta": {}, "encrypted_data": "eA==", "encryption_version": "v0"}`: "encrypted",
		`{"version": 3, "modules": []}`:         "version 3",
		`{"version": 5}`:                        "version 5",
		`{"a": 1}`:                              "no version",
		`{"version": 4, "outputs": {`:           "not a state file",
		`<html>`:                                "not a state file",
		`[]`:                                    "not a state file",
		`{"version": 4, "outputs": {"a": "s"}}`: "not a state file",
	} {
		_, err := ParseState([]byte(text))
		var u *UnreadableError
		if !errors.Is(err, ErrUnreadable) || !errors.As(err, &u) || !strings.Contains(u.Reason, want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"", " \n"} {
		if _, err := ParseState([]byte(text)); !errors.Is(err, ErrNoState) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestLocalState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{
		"terraform.tfstate", "sub/own.tfstate", "abs.tfstate",
		"terraform.tfstate.d/dev/terraform.tfstate", "spaces/dev/terraform.tfstate",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(`{"version": 4, "lineage": "`+name+`"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		config    map[string]any
		workspace string
		want      string
	}{
		{nil, "", "terraform.tfstate"},
		{map[string]any{"path": ""}, "default", "terraform.tfstate"},
		{map[string]any{"path": "sub/x/../own.tfstate"}, "", "sub/own.tfstate"},
		{map[string]any{"path": filepath.Join(dir, "abs.tfstate")}, "", "abs.tfstate"},
		{map[string]any{"path": "sub/own.tfstate"}, "dev", "terraform.tfstate.d/dev/terraform.tfstate"},
		{map[string]any{"workspace_dir": "spaces"}, "dev", "spaces/dev/terraform.tfstate"},
		{map[string]any{"workspace_dir": "spaces"}, "", "terraform.tfstate"},
	} {
		s, err := For("local").State(context.Background(), Settings{Backend: "local", Config: tt.config, WorkDir: dir, Workspace: tt.workspace})
		if err != nil || s.Lineage != tt.want {
			t.Errorf("%v %q: got %+v %v, want %s", tt.config, tt.workspace, s, err, tt.want)
		}
	}
}

func TestLocalStorage(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), context.Background()
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.d/dev/terraform.tfstate", "terraform.tfstate.d/empty/other"} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(storedState), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := Settings{Backend: "local", WorkDir: dir, Workspace: "dev"}
	found, err := local{}.List(ctx, s)
	if want := filepath.Join(dir, "terraform.tfstate") + "[] " + filepath.Join(dir, "terraform.tfstate.d", "dev", "terraform.tfstate") + "[dev]"; err != nil || spellsOut(found) != want {
		t.Errorf("list: got %v %v", found, err)
	}
	if _, err := (local{}).Delete(ctx, s, func(Change) (bool, error) { return false, nil }); !errors.Is(err, ErrRefused) {
		t.Errorf("refused: got %v", err)
	}
	done, err := local{}.Delete(ctx, s, nil)
	if err != nil || len(done) != 1 {
		t.Fatalf("delete: got %v %v", done, err)
	}
	if text, err := os.ReadFile(strings.TrimPrefix(done[0].Detail, "kept as ")); err != nil || string(text) != storedState {
		t.Errorf("backup: got %q %v", text, err)
	}
	if done, err := (local{}).Delete(ctx, s, nil); err != nil || len(done) != 0 {
		t.Errorf("again: got %v %v", done, err)
	}
	s.Workspace = ""
	if state, err := (local{}).State(ctx, s); err != nil || state.Serial != 7 {
		t.Errorf("the other workspace: got %+v %v", state, err)
	}
}

func TestLocalStateErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"empty": "", "old": `{"version": 3}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	state := func(ctx context.Context, path any) error {
		_, err := For("local").State(ctx, Settings{Backend: "local", Config: map[string]any{"path": path}, WorkDir: dir})
		return err
	}
	ctx := context.Background()
	for _, path := range []string{"absent", "no/such/folder", "empty"} {
		if err := state(ctx, path); !errors.Is(err, ErrNoState) || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("%s: got %v", path, err)
		}
	}
	for _, path := range []string{"old", "."} {
		if err := state(ctx, path); !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if err := state(ctx, 1); err == nil || !strings.Contains(err.Error(), "path must be a string") {
		t.Errorf("got %v", err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if err := state(stopped, "absent"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestParseOutputJSON(t *testing.T) {
	t.Parallel()
	const object = `{"a": {"sensitive": false, "type": "string", "value": "x"}}`
	for _, text := range []string{
		object,
		"Warning: {curly} text\n" + object + "\nmore {text}",
		`{"@level":"info","@message":"m"}` + "\n" + object,
		`{"log":{"k":1}}` + object,
		object + `{"b": {"value": 1, "type": "number"}}`,
	} {
		outputs, err := ParseOutputJSON([]byte(text))
		if err != nil || len(outputs) != 1 || string(outputs["a"].Value) != `"x"` || string(outputs["a"].Type) != `"string"` {
			t.Errorf("%s: got %v %v", text, outputs, err)
		}
	}
	if outputs, err := ParseOutputJSON([]byte("{}\n")); err != nil || outputs == nil || len(outputs) != 0 {
		t.Errorf("no outputs: got %v %v", outputs, err)
	}
	for _, text := range []string{"", "no braces", "{", `{"a": {"value": {"b": {}}`, `{"a": {"secret": 1}}`, `{"a": "secret"}`} {
		outputs, err := ParseOutputJSON([]byte(text))
		if !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: got %v %v", text, outputs, err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error repeats the text: %s", err)
		}
	}
}

// TestStateDigest: the layout of a state is no difference, its content is.
func TestStateDigest(t *testing.T) {
	t.Parallel()
	sum := func(text string) string {
		t.Helper()
		s, err := ParseState([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return s.Digest
	}
	one := sum(`{"version":4,"serial":1,"lineage":"l","outputs":{"n":{"value":10000000000000000001,"type":"number"}}}`)
	same := sum("{\n \"lineage\": \"l\", \"version\": 4, \"serial\": 1,\n \"outputs\": {\"n\": {\"type\": \"number\", \"value\": 10000000000000000001}}}\n")
	other := sum(`{"version":4,"serial":1,"lineage":"l","outputs":{"n":{"value":10000000000000000002,"type":"number"}}}`)
	if one != same || one == other {
		t.Errorf("%s %s %s", one, same, other)
	}
}
