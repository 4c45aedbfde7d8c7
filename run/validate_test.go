package run

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/terrace-iac/terrace/config"
)

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDeclaredVariables(t *testing.T) {
	t.Parallel()
	got := declaredVariables(folder(t, map[string]string{
		"main.tf":         "variable \"a\" {\n  type = list(string)\n}\nvariable \"b\" { default = null }\nvariable \"c\" {}\nvariable \"d\" { default = 1 }\n",
		"more.tf.json":    `{"variable": {"e": {"type": "number"}, "f": {"default": 1}}}`,
		"vars.tofu":       `variable "g" {}`,
		"short.tf":        "variable \"h\" {\n  ephemeral = true\n}\n",
		"c_override.tf":   `variable "c" { default = 2 }`,
		"d_override.tf":   `variable "d" { type = any }`,
		"broken.tf":       `variable "x" {`,
		"ignored.txt":     `variable "y" {}`,
		"terraform.tfvar": `z = 1`,
	}))
	want := map[string]variable{
		"a": {typ: "list(string)", required: true}, "b": {}, "c": {}, "d": {typ: "any"}, "e": {typ: "number", required: true}, "h": {required: true, ephemeral: true}, "f": {}, "g": {required: true},
	}
	for name, v := range want {
		if have, ok := got[name]; !ok || have != v {
			t.Errorf("%s: %+v, want %+v", name, have, v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
}

func TestVarArguments(t *testing.T) {
	t.Parallel()
	names, files := varArguments([]string{"-var", "a=1", "-var=b=x=y", "--var-file=one.tfvars", "-var-file", "two.tfvars", "-lock=false", "-var", "broken", "c=3"})
	if !slices.Equal(names, []string{"a", "b"}) || !slices.Equal(files, []string{"one.tfvars", "two.tfvars"}) {
		t.Errorf("%v %v", names, files)
	}
}

func TestCompareInputs(t *testing.T) {
	t.Parallel()
	module := map[string]string{
		"main.tf": "variable \"by_input\" {}\nvariable \"by_env\" {}\nvariable \"by_flag\" {}\nvariable \"by_file\" {}\nvariable \"by_auto\" {}\n" +
			"variable \"by_block\" {}\nvariable \"optional\" { default = 1 }\nvariable \"z_missing\" {}\nvariable \"missing\" {}\n",
		"x.auto.tfvars.json": `{"by_auto": 1}`,
		"terraform.tfvars":   `unused_in_file = 1`,
		"given.tfvars":       `by_file = 1`,
		nullVarsFile:         `{"left_over": null}`,
	}
	unit := func(c *config.Config) *job {
		return &job{workDir: folder(t, module), log: slog.New(slog.DiscardHandler), cfg: c,
			env: []string{"TF_VAR_by_env=1", "TF_VAR_of_somebody_else=1"}}
	}
	got := unit(&config.Config{
		Inputs: map[string]cty.Value{"by_input": cty.DynamicVal, "extra": cty.True},
		Terraform: config.Terraform{ExtraArguments: []config.ExtraArguments{{
			Commands: []string{"apply"}, Arguments: []string{"-var", "by_flag=1", "-var=extra_flag=1", "-lock=false"},
			EnvVars: map[string]string{"TF_VAR_by_block": "1", "OTHER": "x"},
		}, {
			Arguments: []string{"-var-file=given.tfvars", "-var-file=gone.tfvars"},
		}}},
	}).compareInputs()
	if !slices.Equal(got.Missing, []string{"missing", "z_missing"}) {
		t.Errorf("missing: %v", got.Missing)
	}
	if !slices.Equal(got.Unused, []string{"extra", "extra_flag", "unused_in_file"}) {
		t.Errorf("unused: %v", got.Unused)
	}
	open := unit(&config.Config{InputsOpen: true}).compareInputs()
	if !open.Open || len(open.Missing) > 0 {
		t.Errorf("nothing is known to be missing: %+v", open)
	}
}
