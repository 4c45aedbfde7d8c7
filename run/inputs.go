package run

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// nullVarsFile carries the inputs that no variable of the environment can.
const nullVarsFile = ".terragrunt-null-vars.auto.tfvars.json"

// variables gives the unit's inputs as TF_VAR_ variables, but for those that
// writeFileInputs writes.
func (j *job) variables() (map[string]string, error) {
	out := make(map[string]string, len(j.cfg.Inputs))
	for name, v := range j.cfg.Inputs {
		v, _ = v.UnmarkDeep()
		if v.IsNull() {
			continue
		}
		text, err := encodeInput(v)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", name, err)
		}
		if v.Type() == cty.String {
			text = forType(text, j.declared()[name].typ)
		}
		if len(name)+len(text) <= maxVariable() {
			out["TF_VAR_"+name] = text
		}
	}
	return out, nil
}

// declared gives the module's variables, read when they are first asked for.
// The files that they stand in are complete from the generate step on.
func (j *job) declared() map[string]variable {
	if j.declaredVars == nil {
		j.declaredVars = declaredVariables(j.workDir)
	}
	return j.declaredVars
}

// maxVariable is the length that a system allows for one variable, name and
// value, with room for what is around them: 128 KiB on Linux, 32 Ki
// characters on Windows.
func maxVariable() int {
	if runtime.GOOS == "windows" {
		return 32000
	}
	return 128<<10 - 16
}

// encodeInput writes a value as the binary reads it from a variable: a string
// as it is, everything else as JSON, which is read as an expression.
func encodeInput(v cty.Value) (string, error) {
	if !v.IsKnown() {
		return "", nil
	}
	if v.Type() == cty.String {
		return v.AsString(), nil
	}
	v = cty.UnknownAsNull(v)
	b, err := ctyjson.Marshal(v, v.Type())
	return asExpression(b), err
}

// asExpression makes JSON mean the same when it is read as an expression. The
// sequences in question stand in texts and keys only: those that start a
// template there, and two escapes that JSON alone knows.
func asExpression(json []byte) string {
	return strings.NewReplacer(`\\`, `\\`, `\b`, `\u0008`, `\f`, `\u000c`, "${", "$${", "%{", "%%{").Replace(string(json))
}

// forType writes a string for a variable that is not declared as one: the
// binary then reads an expression. What is none, such as a name for a variable
// of type any, is put in quotes.
func forType(text, declared string) string {
	if declared == "" || declared == "string" {
		return text
	}
	escaped := strings.ReplaceAll(text, "${", "$${")
	if declared != "any" || constant(escaped) {
		return escaped
	}
	b, err := ctyjson.Marshal(cty.StringVal(text), cty.String)
	if err != nil {
		return escaped
	}
	return asExpression(b)
}

// constant says whether a text is an expression without references.
func constant(text string) bool {
	expr, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos)
	return !diags.HasErrors() && len(expr.Variables()) == 0
}

// writeFileInputs writes what no variable of the environment can carry to a
// file that the binary reads by itself, for as long as it runs: nulls, and
// values that are too long.
func (j *job) writeFileInputs() (remove func(), err error) {
	if j.planEnv != nil {
		return func() {}, nil // a saved plan holds its variables
	}
	values := map[string]json.RawMessage{}
	for name, v := range j.cfg.Inputs {
		if _, set := lookup(j.env, "TF_VAR_"+name); set {
			continue
		}
		v, _ = v.UnmarkDeep()
		if values[name], err = ctyjson.Marshal(v, v.Type()); err != nil {
			return nil, fmt.Errorf("input %s: %w", name, err)
		}
	}
	if len(values) == 0 {
		return func() {}, nil
	}
	maps.DeleteFunc(values, func(name string, _ json.RawMessage) bool {
		_, ok := j.declared()[name]
		return !ok // the binary would warn of it each time
	})
	if len(values) == 0 {
		return func() {}, nil
	}
	b, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(j.workDir, nullVarsFile)
	if err := writeFile(path, b, 0o600); err != nil {
		return nil, err
	}
	return func() { _ = os.Remove(path) }, nil
}

func lookup(env []string, name string) (string, bool) {
	for i := len(env) - 1; i >= 0; i-- {
		if k, v, ok := strings.Cut(env[i], "="); ok && k == name {
			return v, true
		}
	}
	return "", false
}

// writeDebugInputs writes what the module is given beside the unit, to be used
// without us: the inputs that it declares and the environment does not set.
func (j *job) writeDebugInputs() error {
	out := map[string]json.RawMessage{}
	for name, v := range j.cfg.Inputs {
		_, known := j.declared()[name]
		if _, set := lookup(j.env, "TF_VAR_"+name); !known || set {
			continue
		}
		v, _ = v.UnmarkDeep()
		b, err := ctyjson.Marshal(v, v.Type())
		if err != nil {
			return fmt.Errorf("input %s: %w", name, err)
		}
		out[name] = b
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(j.unit.Dir(), "terragrunt-debug.tfvars.json")
	j.log.Info("Debug mode requested: generating debug file " + path + "; run the binary in " + j.workDir + " with -var-file=" + path)
	return writeFile(path, append(b, '\n'), 0o600)
}

// writeFile replaces a file as a whole: what was there stays until the new
// text is on disk.
func writeFile(path string, text []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".terrace-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // does nothing after the rename
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
