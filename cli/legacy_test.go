package cli

import (
	"slices"
	"strings"
	"testing"
)

func TestRewriteLegacy(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, want, warns string }{
		{"run --all plan", "run --all plan", ""},
		{"run-all plan", "run --all plan", "terrace run --all"},
		{"run-all plan -lock=false", "run --all plan -lock=false", "terrace run --all"},
		{"run-all --all plan", "run --all plan", "terrace run --all"},
		{"--no-color run-all apply", "run --no-color --all apply", "terrace run --all"},
		{"--terragrunt-working-dir x run-all plan", "run --working-dir x --all plan", "--working-dir terrace run --all"},
		{"plan-all --terragrunt-parallelism 2", "run --all plan --parallelism 2", "--parallelism terrace run --all plan"},
		{"apply-all", "run --all apply", "terrace run --all apply"},
		{"destroy-all", "run --all destroy", "terrace run --all destroy"},
		{"output-all -json", "run --all output -json", "terrace run --all output"},
		{"validate-all", "run --all validate", "terrace run --all validate"},
		{"spin-up", "run --all apply", "terrace run --all apply"},
		{"tear-down", "run --all destroy", "terrace run --all destroy"},
		{"graph plan", "run --graph plan", "terrace run --graph"},
		{"run graph", "run graph", ""},
		{"hclfmt --check", "hcl format --check", "terrace hcl format"},
		{"hclfmt --terragrunt-hclfmt-file a.hcl", "hcl format --file a.hcl", "--file terrace hcl format"},
		{"hclvalidate --terragrunt-hclvalidate-json", "hcl validate --json", "--json terrace hcl validate"},
		{"validate-inputs --terragrunt-strict-validate", "hcl validate --inputs --strict", "--strict terrace hcl validate --inputs"},
		{"render-json", "render --json --write --out=terragrunt_rendered.json", "terrace render --json --write --out=terragrunt_rendered.json"},
		{"render-json --terragrunt-json-out x.json", "render --json --write --out x.json", "--out terrace render --json --write"},
		{"render-json --with-metadata", "render --json --write --out=terragrunt_rendered.json --with-metadata", "terrace render --json --write --out=terragrunt_rendered.json"},
		{"terragrunt-info", "info print", "terrace info print"},
		{"run-all terragrunt-info", "info print --all", "terrace info print --all"},
		{"run-all render-json", "render --all --json --write --out=terragrunt_rendered.json", "terrace render --all --json --write --out=terragrunt_rendered.json"},
		{"run-all validate-inputs", "hcl validate --inputs", "terrace hcl validate --inputs"},
		{"graph-dependencies", "dag graph", "terrace dag graph"},
		{"output-module-groups", "find --dag --json", "terrace find --dag --json"},
		{"output-module-groups destroy", "find --dag --json --as=destroy", "terrace find --dag --json --as=destroy"},

		{"plan --terragrunt-tfpath tofu", "plan --tf-path tofu", "--tf-path"},
		{"plan -terragrunt-tfpath=tofu", "plan --tf-path=tofu", "--tf-path"},
		{"plan --terragrunt-non-interactive", "plan --non-interactive", "--non-interactive"},
		{"plan --terragrunt-no-auto-init", "plan --no-auto-init", "--no-auto-init"},
		{"plan --terragrunt-auto-init=false", "plan --no-auto-init", "--no-auto-init"},
		{"plan --terragrunt-auto-init", "plan", "no-effect"},
		{"plan --terragrunt-json-log", "plan --log-format=json", "--log-format"},
		{"plan --terragrunt-json-log=false", "plan", "no-effect"},
		{"plan --terragrunt-json-log=x", "plan --log-format=x", "--log-format"},
		{"plan --terragrunt-include-module-prefix", "plan", "no-effect"},
		{"plan --terragrunt-exclude-dir a --terragrunt-exclude-dir b", "plan --queue-exclude-dir a --queue-exclude-dir b", "--queue-exclude-dir --queue-exclude-dir"},
		{"plan --terragrunt-ignore-dependency-errors", "plan --queue-ignore-errors", "--queue-ignore-errors"},
		{"plan --terragrunt-nothing", "plan --terragrunt-nothing", ""},
		{"run -- run-all --terragrunt-tfpath x", "run -- run-all --terragrunt-tfpath x", ""},
		{"find --filter run-all", "find --filter run-all", ""},
		{"--working-dir run-all find", "--working-dir run-all find", ""},
		{"", "", ""},
	}
	tab := newTable()
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			t.Parallel()
			got, warnings := rewriteLegacy(tab, testWords(tt.line))
			check(t, "words", strings.Join(got, " "), tt.want)
			var names []string
			for _, w := range warnings {
				names = append(names, advised(w.Text))
			}
			check(t, "advice", strings.Join(names, " "), tt.warns)
		})
	}
}

// advised is what a warning says to use.
func advised(text string) string {
	_, rest, ok := strings.Cut(text, "Use `")
	if !ok {
		return "no-effect"
	}
	name, _, _ := strings.Cut(rest, "`")
	return name
}

func TestLegacyNamesLeadSomewhere(t *testing.T) {
	t.Parallel()
	tab := newTable()
	for _, row := range slices.Concat(renamed(), hclNames()) {
		f := tab.anywhere(row.New)
		if f == nil {
			t.Errorf("%s: no flag %s", row.Old, row.New)
			continue
		}
		if row.Invert && f.Kind != kindBool {
			t.Errorf("%s: %s is no bool", row.Old, row.New)
		}
	}
	for _, name := range sameNames() {
		if tab.anywhere(name) == nil {
			t.Errorf("no flag %s", name)
		}
	}
}

// What old commands are rewritten to must be understood.
func TestLegacyCommandsParse(t *testing.T) {
	t.Parallel()
	tab := newTable()
	for _, line := range []string{
		"run-all plan", "plan-all", "apply-all", "destroy-all", "output-all", "validate-all", "spin-up",
		"tear-down", "graph plan", "hclfmt", "hclvalidate", "validate-inputs", "render-json",
		"terragrunt-info", "output-module-groups", "graph-dependencies",
	} {
		argv, warnings := rewriteLegacy(tab, strings.Fields(line))
		check(t, line+" warnings", len(warnings), 1)
		w, err := split(tab, argv)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if _, _, err := bind(tab, w, newEnvironment(nil)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
