package cli

import (
	"fmt"
	"slices"
	"strings"
)

// control is a kind of deprecated use that can be made an error.
type control struct {
	Name  string
	Under string // the umbrella control it belongs to
	Done  bool   // completed: accepted without effect
	Help  string
}

func controls() []control {
	return []control{
		{Name: "deprecated-commands", Help: "Use of any deprecated command"},
		{Name: "deprecated-flags", Help: "Use of any deprecated flag"},
		{Name: "deprecated-env-vars", Help: "Use of any deprecated environment variable"},
		{Name: "deprecated-configs", Help: "Use of any deprecated configuration"},
		{Name: controlOldWords, Under: "deprecated-commands", Help: "Old commands such as run-all"},
		{Name: "default-commands", Under: "deprecated-commands", Help: "Unknown commands that were once passed on without run"},
		{Name: controlOldVars, Under: controlEnvVars, Help: "Variables that start with TERRAGRUNT_"},
		{Name: controlOldLogs, Under: controlEnvVars, Help: "Variables that chose the log format one by one"},
		{Name: "root-terragrunt-hcl", Under: "deprecated-configs", Help: "A root file named terragrunt.hcl"},
		{Name: "bare-include", Under: "deprecated-configs", Help: "An include block without a label"},
		{Name: "queue-exclude-external", Under: "deprecated-flags", Help: "The flag --queue-exclude-external"},
		{Name: "queue-strict-include", Under: "deprecated-flags", Help: "The flag --queue-strict-include"},
		{Name: "units-that-include", Under: "deprecated-flags", Help: "The flag --units-that-include"},
		{Name: "disable-command-validation", Under: "deprecated-flags", Help: "The flag --disable-command-validation"},
		{Name: "no-destroy-dependencies-check", Under: "deprecated-flags", Help: "The flag --no-destroy-dependencies-check"},
		{Name: "deprecated-hidden-flag", Under: "deprecated-flags", Help: "The flag --hidden"},
		{Name: "disable-dependent-modules", Under: "deprecated-flags", Help: "The flag --disable-dependent-modules"},
		{Name: "legacy-internal-tflint", Under: "deprecated-configs", Help: "The built-in tflint hook"},
		{Name: "fast-copy", Help: "Newer glob rules for include_in_copy and exclude_from_copy"},
		{Name: "legacy-gcs-public-prefix", Help: "No automatic gcs:: on public bucket addresses"},
		{Name: "optional-hooks", Help: "Listed for compatibility, without effect"},
		{Name: "apply-all", Under: "deprecated-commands", Done: true, Help: "The command apply-all"},
		{Name: "destroy-all", Under: "deprecated-commands", Done: true, Help: "The command destroy-all"},
		{Name: "output-all", Under: "deprecated-commands", Done: true, Help: "The command output-all"},
		{Name: "plan-all", Under: "deprecated-commands", Done: true, Help: "The command plan-all"},
		{Name: "validate-all", Under: "deprecated-commands", Done: true, Help: "The command validate-all"},
		{Name: "spin-up", Under: "deprecated-commands", Done: true, Help: "The command spin-up"},
		{Name: "tear-down", Under: "deprecated-commands", Done: true, Help: "The command tear-down"},
		{Name: "legacy-all", Under: "deprecated-commands", Done: true, Help: "All commands that ended in -all"},
		{Name: "double-star", Done: true, Help: "Newer rules for ** in globs"},
		{Name: "require-explicit-bootstrap", Done: true, Help: "State backends are created only when asked for"},
		{Name: "skip-dependencies-inputs", Done: true, Help: "Inputs of dependencies cannot be read"},
		{Name: "terragrunt-prefix-flags", Under: "deprecated-flags", Done: true, Help: "Flags that start with --terragrunt-"},
	}
}

// strictOptions says which deprecated uses are errors.
type strictOptions struct{ on map[string]bool }

// Enabled reports whether a use that belongs to the control is an error.
func (s strictOptions) Enabled(name string) bool { return s.on[name] }

// newStrictOptions turns on the named controls and those below them, or all
// in strict mode.
func newStrictOptions(names []string, all bool) (strictOptions, []warning, error) {
	s := strictOptions{on: map[string]bool{}}
	known := controls()
	for _, c := range known {
		if all && !c.Done {
			s.on[c.Name] = true
		}
	}
	var warnings []warning
	for _, name := range names {
		i := slices.IndexFunc(known, func(c control) bool { return c.Name == name })
		if i < 0 {
			return s, nil, unknownControl(name)
		}
		if known[i].Done {
			warnings = append(warnings, warning{Text: fmt.Sprintf("The strict control `%s` is completed and has no effect.", name)})
			continue
		}
		for _, c := range known {
			if c.Name == name || c.Under == name {
				s.on[c.Name] = !c.Done
			}
		}
	}
	return s, warnings, nil
}

func unknownControl(name string) error {
	return &usageError{fmt.Sprintf("invalid strict control: %s, allowed control(s): %s", name, strings.Join(activeControls(), ", "))}
}

// activeControls lists the names of the controls that have an effect.
func activeControls() []string {
	var names []string
	for _, c := range controls() {
		if !c.Done {
			names = append(names, c.Name)
		}
	}
	return names
}

// enforce turns warnings into an error when a strict control says so.
func (s strictOptions) enforce(warnings []warning) error {
	var texts []string
	for _, w := range warnings {
		if w.Control != "" && s.Enabled(w.Control) {
			texts = append(texts, w.Text)
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return &usageError{strings.Join(texts, "\n") + "\nStrict mode makes this an error."}
}
