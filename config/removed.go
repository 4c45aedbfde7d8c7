package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
)

// removed says what to write in place of attributes that files had until
// Terragrunt 1.0.
func removed(name string) (instead string, ok bool) {
	switch name {
	case "skip":
		return `an exclude block with if = true and actions = ["all"]`, true
	case "retryable_errors", "retry_max_attempts", "retry_sleep_interval_sec":
		return `an errors block with a retry block in it, which has retryable_errors, max_attempts and sleep_interval_sec`, true
	}
	return "", false
}

// explainRemoved adds to the complaints about attributes that are not expected
// what became of them.
func explainRemoved(diags hcl.Diagnostics) hcl.Diagnostics {
	for _, d := range diags {
		if name, ok := unsupported(d); ok {
			if instead, ok := removed(name); ok {
				d.Detail += fmt.Sprintf(" It was removed: write %s.", instead)
			}
		}
	}
	return diags
}
