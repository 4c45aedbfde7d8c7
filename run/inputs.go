package run

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

const nullVarsFile = ".terragrunt-null-vars.auto.tfvars.json"

// variables gives the unit's inputs as TF_VAR_ variables. Null inputs cannot
// be written as such; they go to a file.
func (j *job) variables() (map[string]string, error) {
	out := make(map[string]string, len(j.cfg.Inputs))
	var declared map[string]string
	for name, v := range j.cfg.Inputs {
		v, _ = v.UnmarkDeep()
		if v.IsNull() {
			continue
		}
		text, err := encodeInput(v)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", name, err)
		}
		if v.Type() == cty.String && strings.Contains(text, "${") {
			if declared == nil {
				declared = declaredTypes(j.workDir)
			}
			if t := declared[name]; t != "" && t != "string" {
				text = strings.ReplaceAll(text, "${", "$${")
			}
		}
		out["TF_VAR_"+name] = text
	}
	return out, nil
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
	v, err := cty.Transform(v, escapeNested)
	if err != nil {
		return "", err
	}
	b, err := ctyjson.Marshal(v, v.Type())
	return string(b), err
}

// escapeNested keeps the binary from reading ${ in a nested string as the
// start of a template.
func escapeNested(_ cty.Path, v cty.Value) (cty.Value, error) {
	switch {
	case !v.IsKnown():
		return cty.StringVal(""), nil
	case v.IsNull() || v.Type() != cty.String || !strings.Contains(v.AsString(), "${"):
		return v, nil
	}
	return cty.StringVal(strings.ReplaceAll(v.AsString(), "${", "$${")), nil
}

// writeNullInputs writes the inputs that are null to a file that the binary
// reads by itself, for as long as it runs.
func (j *job) writeNullInputs() (remove func(), err error) {
	nulls := map[string]any{}
	for name, v := range j.cfg.Inputs {
		if _, set := lookup(j.env, "TF_VAR_"+name); !set && v.IsNull() {
			nulls[name] = nil
		}
	}
	if len(nulls) == 0 {
		return func() {}, nil
	}
	b, err := json.Marshal(nulls)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(j.workDir, nullVarsFile)
	if err := os.WriteFile(path, b, 0o644); err != nil {
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
	declared := declaredTypes(j.workDir)
	out := map[string]json.RawMessage{}
	for name, v := range j.cfg.Inputs {
		_, known := declared[name]
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
