package run

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
)

// extra is what extra_arguments blocks add to one command.
type extra struct {
	flags []string
	env   map[string]string
}

// extraArguments collects the blocks that name the command.
func (j *job) extraArguments(argv shell.Argv) extra {
	noVars := j.readsPlan(argv)
	out := extra{env: map[string]string{}}
	for _, b := range j.cfg.Terraform.ExtraArguments {
		if !slices.Contains(b.Commands, argv.Word()) {
			continue
		}
		if noVars {
			out.flags = append(out.flags, withoutVars(b.Arguments)...)
		} else {
			out.flags = slices.Concat(out.flags, b.Arguments, j.varFiles(b))
		}
		for k, v := range b.EnvVars {
			out.env[k] = v
		}
	}
	return out
}

// varFiles gives -var-file flags: the required files, then the optional ones
// that exist. A file named twice stands where it was named last.
func (j *job) varFiles(b config.ExtraArguments) []string {
	var files []string
	add := func(f string) {
		files = slices.DeleteFunc(files, func(have string) bool { return have == f })
		files = append(files, f)
	}
	for _, f := range b.RequiredVarFiles {
		if found, ok := j.resolveFile(f); ok {
			f = found
		}
		add(f) // one that is missing is for the binary to complain about
	}
	for _, f := range b.OptionalVarFiles {
		if found, ok := j.resolveFile(f); ok {
			add(found)
		} else {
			j.log.Debug("optional var file does not exist", "file", f)
		}
	}
	for i, f := range files {
		files[i] = "-var-file=" + f
	}
	return files
}

// withoutVars leaves out the flags that set variables, with their texts.
func withoutVars(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		if !isVarFlag(args[i]) {
			out = append(out, args[i])
		} else if !strings.Contains(args[i], "=") {
			i++ // the text is a word of its own
		}
	}
	return out
}

func isVarFlag(a string) bool {
	name, _, _ := shell.FlagName(a)
	return shell.IsFlag(a) && (name == "var" || name == "var-file")
}

// readsPlan says whether the last word is a saved plan, with which the binary
// takes no variables.
func (j *job) readsPlan(argv shell.Argv) bool {
	if w := argv.Word(); w != "apply" && w != "destroy" {
		return false
	}
	words := argv.Positional()
	if len(words) == 0 {
		return false
	}
	path, ok := j.resolveFile(words[len(words)-1])
	if !ok {
		return false
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(j.workDir, path)
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// addMissing sets variables that are not set yet.
func addMissing(env []string, vars map[string]string) []string {
	have := make(map[string]bool, len(env))
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		have[name] = true
	}
	out := slices.Clone(env)
	for _, name := range sortedKeys(vars) {
		if !have[name] {
			out = append(out, name+"="+vars[name])
		}
	}
	return out
}

// override sets variables, whatever they were.
func override(env []string, vars map[string]string) []string {
	if len(vars) == 0 {
		return env
	}
	out := slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		_, replaced := vars[name]
		return replaced
	})
	for _, name := range sortedKeys(vars) {
		out = append(out, name+"="+vars[name])
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
