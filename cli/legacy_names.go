package cli

import "strings"

// legacyName is an old spelling of a flag, as it stands after "--terragrunt-",
// and in upper case after "TERRAGRUNT_".
type legacyName struct {
	Old, New string
	Command  string // path of the only command it is for, where others have a flag of today's name too
	Invert   bool   // an old "auto-init=false" is today's "no-auto-init=true"
	Value    string // what today's flag is set to when the old one, a bool, is true
	Control  string // strict control of the variable, when not that of all old variables
}

const (
	controlOldVars  = "terragrunt-prefix-env-vars"
	controlOldLogs  = "legacy-logs"
	controlOldFlags = "deprecated-flags"
	controlOldWords = "cli-redesign"
	controlEnvVars  = "deprecated-env-vars"
)

// renamed lists the old names that differ from today's.
func renamed() []legacyName {
	return []legacyName{
		{Old: "tfpath", New: "tf-path"},
		{Old: "download", New: "download-dir"},
		{Old: "debug", New: "inputs-debug"},
		{Old: "iam-role", New: "iam-assume-role"},
		{Old: "iam-web-identity-token", New: "iam-assume-role-web-identity-token"},
		{Old: "auto-init", New: "no-auto-init", Invert: true},
		{Old: "auto-retry", New: "no-auto-retry", Invert: true},
		{Old: "auto-approve", New: "no-auto-approve", Invert: true},
		{Old: "ignore-dependency-errors", New: "queue-ignore-errors"},
		{Old: "ignore-dependency-order", New: "queue-ignore-dag-order"},
		{Old: "ignore-external-dependencies", New: "queue-exclude-external"},
		{Old: "include-external-dependencies", New: "queue-include-external"},
		{Old: "include-dir", New: "queue-include-dir"},
		{Old: "exclude-dir", New: "queue-exclude-dir"},
		{Old: "excludes-file", New: "queue-excludes-file"},
		{Old: "strict-include", New: "queue-strict-include"},
		{Old: "modules-that-include", New: "units-that-include"},
		{Old: "forward-tf-stdout", New: "tf-forward-stdout"},
		{Old: "include-module-prefix", New: "tf-forward-stdout", Invert: true},
		{Old: "json-log", New: "log-format", Value: "json", Control: controlOldLogs},
		{Old: "tf-logs-to-json", New: "log-format", Value: "json", Control: controlOldLogs},
		{Old: "disable-log-formatting", New: "log-format", Value: "key-value", Control: controlOldLogs},
		{Old: "fail-on-state-bucket-creation", New: "backend-require-bootstrap"},
		{Old: "fetch-dependency-output-from-state", New: "dependency-fetch-output-from-state"},
		{Old: "hclfmt-file", New: "file"},
		{Old: "hclfmt-exclude-dir", New: "exclude-dir"},
		{Old: "hclfmt-stdin", New: "stdin"},
		{Old: "strict-validate", New: "strict"},
		{Old: "hclvalidate-json", New: "json", Command: "hcl validate"},
		{Old: "hclvalidate-show-config-path", New: "show-config-path"},
		{Old: "json-out", New: "out"},
	}
}

// sameNames lists today's flags whose old variable differed in the prefix
// only.
func sameNames() []string {
	return []string{
		"config", "working-dir", "log-level", "log-disable", "log-format", "log-custom-format",
		"log-show-abs-paths", "no-color", "non-interactive", "experiment", "experiment-mode", "strict-mode",
		"strict-control", "parallelism", "out-dir", "json-out-dir", "graph-root", "source", "source-map",
		"source-update", "feature", "auth-provider-cmd", "iam-assume-role-duration",
		"iam-assume-role-session-name", "disable-bucket-update", "use-partial-parse-config-cache",
		"queue-include-units-reading", "provider-cache", "provider-cache-dir", "provider-cache-hostname",
		"provider-cache-port", "provider-cache-token", "provider-cache-registry-names",
		"experimental-engine", "engine-cache-path", "engine-skip-check", "engine-log-level",
		"check", "diff", "download-dir", "with-metadata",
	}
}

// hclNames lists today's variables, without TG_, that were once spelled with
// the name of a command that is gone.
func hclNames() []legacyName {
	return []legacyName{
		{Old: "hclfmt-check", New: "check"}, {Old: "hclfmt-diff", New: "diff"},
		{Old: "hclfmt-file", New: "file"}, {Old: "hclfmt-stdin", New: "stdin"},
		{Old: "hclfmt-exclude-dir", New: "exclude-dir"},
		{Old: "hclvalidate-json", New: "json", Command: "hcl validate"}, {Old: "strict-validate", New: "strict"},
	}
}

// kebab is the flag name in a variable's name without prefix.
func kebab(word string) string {
	return strings.ReplaceAll(strings.ToLower(word), "_", "-")
}

func findLegacy(rows []legacyName, old string) (legacyName, bool) {
	for _, r := range rows {
		if r.Old == old {
			return r, true
		}
	}
	return legacyName{}, false
}
