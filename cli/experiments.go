package cli

import (
	"fmt"
	"slices"
	"strings"
)

// ongoingExperiments are accepted. What they add is part of the program
// anyway, except where Enabled is asked about one.
func ongoingExperiments() []string {
	return []string{
		"azure-backend", "block-iteration", "bounded-discovery", "browse-tui", "catalog-format",
		"deep-merge", "dependency-fetch-output-from-state", "hook-context-env", "iac-engine",
		"mutable-generate", "oci", "optional-dependency-outputs", "optional-hooks", "otel-logs",
		"profiling", "slow-task-reporting", "symlinks", "version-attribute",
	}
}

// completedExperiments are always on.
func completedExperiments() []string {
	return []string{
		"auto-provider-cache-dir", "cas", "catalog-redesign", "cli-redesign", "dag-queue-display",
		"filter-flag", "mark-many-as-read", "opt-out-auth", "report", "runner-pool",
		"stack-dependencies", "stacks",
	}
}

// experimentOptions says which experiments were asked for.
type experimentOptions struct {
	all   bool
	names []string
}

// Enabled reports whether the experiment was asked for by name or by
// --experiment-mode.
func (e experimentOptions) Enabled(name string) bool {
	return e.all || slices.Contains(e.names, name)
}

func newExperimentOptions(names []string, all bool) (experimentOptions, []warning, error) {
	var warnings []warning
	for _, n := range names {
		switch {
		case slices.Contains(completedExperiments(), n):
			warnings = append(warnings, warning{Text: fmt.Sprintf("The experiment `%s` is completed and always on.", n)})
		case !slices.Contains(ongoingExperiments(), n):
			return experimentOptions{}, nil, &usageError{fmt.Sprintf("invalid experiment: %s, allowed experiment(s): %s",
				n, strings.Join(ongoingExperiments(), ", "))}
		}
	}
	return experimentOptions{all, names}, warnings, nil
}
