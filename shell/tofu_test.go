package shell

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// recorder stands in for processes: it notes commands and plays answers.
type recorder struct {
	mu     sync.Mutex
	ran    []Cmd
	answer func(c Cmd) (stdout string, err error)
}

func (r *recorder) Run(_ context.Context, c Cmd) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ran = append(r.ran, c)
	out, err := r.answer(c)
	if c.Stdout != nil {
		_, _ = io.WriteString(c.Stdout, out)
	}
	return err
}

func (r *recorder) words() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, c := range r.ran {
		all = append(all, strings.Join(append([]string{c.Path}, c.Args...), " "))
	}
	return all
}

func says(text string) *recorder {
	return &recorder{answer: func(Cmd) (string, error) { return text, nil }}
}

func TestTofuArguments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		got, want []string
	}{
		{InitArgs(nil), []string{"init"}},
		{InitArgs([]string{"-get=false", "-backend-config=k=v"}), []string{"init", "-get=false", "-backend-config=k=v"}},
		{OutputArgs(), []string{"output", "-json"}},
		{ShowArgs(""), []string{"show", "-json"}},
		{ShowArgs("my plan"), []string{"show", "-json", "my plan"}},
	}
	for _, test := range tests {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestTofuRuns(t *testing.T) {
	t.Parallel()
	rec := says("Warning: old\n{\"a\": {\"value\": 1}}\n")
	tofu := Tofu{Bin: "tofu", Dir: "/live", Env: []string{"A=b"}, Exec: rec}
	got, err := tofu.Output(t.Context())
	if err != nil || string(got) != `{"a": {"value": 1}}` {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := tofu.ShowJSON(t.Context(), "p"); err != nil {
		t.Error(err)
	}
	out := &lines{}
	if err := tofu.Init(t.Context(), []string{"-upgrade"}, Streams{Stdout: out}); err != nil || !out.has("Warning: old") {
		t.Errorf("err %v, out %s", err, out)
	}
	if want := []string{"tofu output -json", "tofu show -json p", "tofu init -upgrade"}; !slices.Equal(rec.words(), want) {
		t.Errorf("got %q", rec.words())
	}
	if c := rec.ran[0]; c.Dir != "/live" || !reflect.DeepEqual(c.Env, tofu.Env) || c.Shared {
		t.Errorf("got %+v", c)
	}
}

func TestTofuFailures(t *testing.T) {
	t.Parallel()
	_, err := Tofu{Bin: "tofu", Dir: "/live", Exec: says("nothing here")}.Output(t.Context())
	var output *OutputError
	if !errors.As(err, &output) || err.Error() != "tofu output in /live: output: no JSON object in it" {
		t.Errorf("got %v", err)
	}
	failing := &recorder{answer: func(Cmd) (string, error) { return "{}", &ExitError{Code: 1} }}
	_, err = Tofu{Bin: "tofu", Exec: failing}.ShowJSON(t.Context(), "")
	var exit *ExitError
	if !errors.As(err, &exit) {
		t.Errorf("got %v", err)
	}
}

func TestFirstJSONObject(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"alone":                {`{"a":1}`, `{"a":1}`},
		"empty object":         {"{}\n", "{}"},
		"text around":          {"Warning:\n  something\n{\n  \"a\": {}\n}\nbye {}\n", "{\n  \"a\": {}\n}"},
		"within a line":        {`before {"a":1} after`, `{"a":1}`},
		"first of two":         {"{\"a\":1}\n{\"b\":2}", `{"a":1}`},
		"braces in a sentence": {"use {name} or {} here\n{\"a\":1}\n", `{"a":1}`},
		"broken, then whole":   {"{oops\n{\"a\":1}", `{"a":1}`},
		"brace before":         {`{{"a":1}`, `{"a":1}`},
		"brace in a string":    {`x {"a":"} {"}`, `{"a":"} {"}`},
		"cut off":              {`{"a": {"value": 1}, "b": {"va`, ""},
		"cut off in a line":    {`x {"a": {"value": 1}, "b": {"va`, ""},
		"array":                {`[1]`, ""},
		"no object":            {"Terraform v1.11.4", ""},
		"nothing":              {"", ""},
	}
	for name, test := range tests {
		got, ok := FirstJSONObject([]byte(test.in))
		if ok != (test.want != "") || (ok && string(got) != test.want) {
			t.Errorf("%s: got %q, %v", name, got, ok)
		}
	}
}
