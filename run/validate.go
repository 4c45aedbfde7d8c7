package run

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclparse"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
)

// InputCheck is what a comparison of a unit's inputs with the variables of its
// module has found.
type InputCheck struct {
	Missing []string // required variables that nothing sets; sorted
	Unused  []string // inputs that the module does not declare; sorted
	Open    bool     // the inputs depend on outputs as a whole, so Missing is not known
}

// CheckInputs prepares the unit as for any command and compares what its
// module wants with what it would be given. The binary is not run.
func (r *Runner) CheckInputs(ctx context.Context, u *config.Unit, out Streams) (InputCheck, error) {
	var found InputCheck
	compare := step{"compare", func(_ context.Context, j *job) error {
		found = j.compareInputs()
		return nil
	}}
	c := Command{Name: "validate", Args: shell.Argv{"validate"}}
	_, err := r.walk(ctx, u, c, out, append(preparing(), compare))
	return found, err
}

func (j *job) compareInputs() InputCheck {
	declared := declaredVariables(j.workDir)
	given := j.givenNames()
	found := InputCheck{Open: j.cfg.InputsOpen}
	for name, v := range declared {
		_, set := lookup(j.env, "TF_VAR_"+name)
		if v.required && !set && !given[name] && !found.Open {
			found.Missing = append(found.Missing, name)
		}
	}
	for name := range given {
		if _, ok := declared[name]; !ok {
			found.Unused = append(found.Unused, name)
		}
	}
	slices.Sort(found.Missing)
	slices.Sort(found.Unused)
	return found
}

// givenNames are the variables that the unit itself sets: by its inputs, by
// extra arguments of any command, and by files that the binary reads by
// itself. What the environment of this process sets is not meant for one unit
// alone, so nobody is told that it is not used.
func (j *job) givenNames() map[string]bool {
	return namesGiven(j.cfg, j.workDir, j.varFiles)
}

// NamesGiven are the variables that a unit sets for a module that lies in
// moduleDir, which is not the one that it uses now.
func NamesGiven(cfg *config.Config, unitDir, moduleDir string) map[string]bool {
	return namesGiven(cfg, moduleDir, func(b config.ExtraArguments) []string {
		var flags []string
		for _, f := range slices.Concat(b.RequiredVarFiles, b.OptionalVarFiles) {
			for _, dir := range []string{unitDir, moduleDir} {
				path := f
				if !filepath.IsAbs(path) {
					path = filepath.Join(dir, path)
				}
				flags = append(flags, "-var-file="+path)
			}
		}
		return flags
	})
}

func namesGiven(cfg *config.Config, dir string, varFiles func(config.ExtraArguments) []string) map[string]bool {
	given := map[string]bool{}
	for name := range cfg.Inputs {
		given[name] = true
	}
	files := autoVarFiles(dir)
	for _, b := range cfg.Terraform.ExtraArguments {
		for name := range b.EnvVars {
			if v, ok := strings.CutPrefix(name, "TF_VAR_"); ok {
				given[v] = true
			}
		}
		names, more := varArguments(append(slices.Clone(b.Arguments), varFiles(b)...))
		for _, n := range names {
			given[n] = true
		}
		files = append(files, more...)
	}
	for _, file := range files {
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		for _, n := range namesInVarFile(file) {
			given[n] = true
		}
	}
	return given
}

// varArguments reads the names of -var and the files of -var-file.
func varArguments(args []string) (names, files []string) {
	for i := 0; i < len(args); i++ {
		if !shell.IsFlag(args[i]) || !isVarFlag(args[i]) {
			continue
		}
		flag, text, hasText := shell.FlagName(args[i])
		if !hasText && i+1 < len(args) {
			i++
			text = args[i]
		}
		if flag == "var-file" {
			files = append(files, text)
			continue
		}
		if name, _, ok := strings.Cut(text, "="); ok {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names, files
}

// autoVarFiles lists the files of variables that the binary reads by itself,
// but for ours.
func autoVarFiles(dir string) []string {
	var out []string
	for _, pattern := range []string{"terraform.tfvars", "terraform.tfvars.json", "*.auto.tfvars", "*.auto.tfvars.json"} {
		found, _ := filepath.Glob(filepath.Join(escapeGlob(dir), pattern)) // the pattern is sound
		out = append(out, found...)
	}
	return slices.DeleteFunc(out, func(f string) bool { return filepath.Base(f) == nullVarsFile })
}

// escapeGlob makes a folder's name stand for itself in a pattern.
func escapeGlob(dir string) string {
	if filepath.Separator == '\\' {
		return dir // no way to escape; such names are rare there
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// namesInVarFile are the variables that a file sets. One that is missing or
// broken sets none: the binary complains about it when it is run.
func namesInVarFile(path string) []string {
	f := parseModuleFile(hclparse.NewParser(), path)
	if f == nil {
		return nil
	}
	attrs, _ := f.Body.JustAttributes()
	return sortedKeys(attrs)
}
