package catalog

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"go.yaml.in/yaml/v3"

	"github.com/terrace-iac/terrace/catalog/boilerplate"
)

// readVars gathers the variables that were given. What is typed wins over what
// stands in files, and later files over earlier ones.
func readVars(typed map[string]string, files []string) (map[string]any, error) {
	out := map[string]any{}
	for _, path := range files {
		values, err := readVarFile(path)
		if err != nil {
			return nil, fmt.Errorf("--var-file: %w", err)
		}
		maps.Copy(out, values)
	}
	for name, text := range typed {
		if name == varRef {
			out[name] = text // a tag such as 1.10 is no number
			continue
		}
		out[name] = boilerplate.Given(text)
	}
	return out, nil
}

// readVarFile reads YAML, JSON (which is YAML too) or HCL, by the file's name.
// Without a name that says so, what is no map of YAML is read as HCL.
func readVarFile(path string) (map[string]any, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yml", ".yaml", ".json":
		return boilerplate.ReadVarFile(path)
	case ".hcl", ".tfvars":
		return readHCLVars(path)
	}
	values, err := boilerplate.ReadVarFile(path)
	if err == nil {
		return values, nil
	}
	if fromHCL, hclErr := readHCLVars(path); hclErr == nil {
		return fromHCL, nil
	}
	return nil, err
}

func readHCLVars(path string) (map[string]any, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, firstError(diags)
	}
	attrs, diags := f.Body.JustAttributes()
	if diags.HasErrors() {
		return nil, firstError(diags)
	}
	out := map[string]any{}
	for name, a := range attrs {
		v, diags := a.Expr.Value(nil)
		if diags.HasErrors() {
			return nil, firstError(diags)
		}
		if out[name], err = plainValue(v); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, name, err)
		}
	}
	return out, nil
}

// plainValue is a value as a template sees it: whole numbers are integers.
func plainValue(v cty.Value) (any, error) {
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return nil, err
	}
	var out any
	err = yaml.Unmarshal(text, &out)
	return out, err
}

// literalText is a value as HCL.
func literalText(x any) string {
	if s, ok := x.(string); ok {
		return quoted(s)
	}
	n, err := yamlToJSON(x)
	if err != nil {
		return quoted(fmt.Sprint(x))
	}
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(n)
}
