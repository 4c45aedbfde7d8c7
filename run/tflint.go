package run

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/shell"
)

const lintConfig = ".tflint.hcl"

// lintLines are the command lines of a hook whose program is the bare word
// tflint: its init, then the check with the nearest configuration, the module
// as its folder, and the unit's inputs and variable arguments.
func (j *job) lintLines(argv []string) ([][]string, error) {
	if err := j.deprecated("legacy-internal-tflint", "a hook that runs the bare word tflint is given its arguments, which is deprecated: name the program by its path, with all that it is to be given"); err != nil {
		return nil, err
	}
	words := slices.DeleteFunc(slices.Clone(argv), func(w string) bool { return w == "--terragrunt-external-tflint" })
	config, words := cutLintConfig(words)
	if config == "" {
		found, ok := findUp(j.unit.Dir(), lintConfig)
		if !ok {
			return nil, fmt.Errorf("no %s in %s or any folder above: add one, or name it with --config", lintConfig, j.unit.Dir())
		}
		config = found
	}
	where := []string{"--config", config, "--chdir", j.workDir}
	check := slices.Concat(words, where)
	vars, err := j.variables()
	if err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(vars) {
		check = append(check, "--var="+strings.TrimPrefix(name, "TF_VAR_")+"="+vars[name])
	}
	for _, flag := range j.extraArguments(shell.Argv{j.cmd.Name}).flags {
		if isVarFlag(flag) && strings.Contains(flag, "=") {
			check = append(check, "-"+flag)
		}
	}
	return [][]string{slices.Concat([]string{words[0], "--init"}, where), check}, nil
}

// cutLintConfig takes --config and its value out of a command line.
func cutLintConfig(words []string) (config string, rest []string) {
	for i := 0; i < len(words); i++ {
		value, inline := strings.CutPrefix(words[i], "--config=")
		switch {
		case inline:
			config = value
		case words[i] == "--config" && i+1 < len(words):
			i++
			config = words[i]
		default:
			rest = append(rest, words[i])
		}
	}
	return config, rest
}

// findUp looks for a file in a folder and those above it.
func findUp(dir, name string) (string, bool) {
	for {
		path := filepath.Join(dir, name)
		if exists(path) {
			return path, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}
