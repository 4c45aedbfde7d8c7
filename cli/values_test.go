package cli

import (
	"fmt"
	"strings"
	"testing"
)

// bound splits and binds a line with an environment.
func bound(line string, env ...string) (*values, []warning, error) {
	tab := newTable()
	w, err := split(tab, testWords(line))
	if err != nil {
		return nil, nil, err
	}
	return bind(tab, w, newEnvironment(env))
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, line string
		env        []string
		want       string // of --working-dir
		source     string
		origin     origin
	}{
		{"default", "find", nil, "", "", fromDefault},
		{"legacy", "find", []string{"TERRAGRUNT_WORKING_DIR=l"}, "l", "TERRAGRUNT_WORKING_DIR", fromLegacyEnv},
		{"shared over legacy", "find", []string{"TERRAGRUNT_WORKING_DIR=l", "TG_WORKING_DIR=s"}, "s", "TG_WORKING_DIR", fromEnv},
		{"own over shared", "find", []string{"TG_WORKING_DIR=s", "TERRACE_WORKING_DIR=o"}, "o", "TERRACE_WORKING_DIR", fromEnv},
		{"command over shared", "find", []string{"TERRACE_WORKING_DIR=o", "TG_FIND_WORKING_DIR=c"}, "c", "TG_FIND_WORKING_DIR", fromEnv},
		{"flag over all", "find --working-dir f", []string{"TG_FIND_WORKING_DIR=c", "TG_WORKING_DIR=s"}, "f", "--working-dir", fromFlag},
		{"empty does not count", "find", []string{"TG_WORKING_DIR=", "TERRAGRUNT_WORKING_DIR=l"}, "l", "TERRAGRUNT_WORKING_DIR", fromLegacyEnv},
		{"other command's", "find", []string{"TG_LIST_WORKING_DIR=c"}, "", "", fromDefault},
		{"run's for a shortcut", "plan", []string{"TG_RUN_WORKING_DIR=r"}, "r", "TG_RUN_WORKING_DIR", fromEnv},
		{"its own before run's", "plan", []string{"TG_RUN_WORKING_DIR=r", "TG_PLAN_WORKING_DIR=p"}, "p", "TG_PLAN_WORKING_DIR", fromEnv},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, _, err := bound(tt.line, tt.env...)
			if err != nil {
				t.Fatal(err)
			}
			check(t, "value", v.String("working-dir"), tt.want)
			check(t, "source", v.Source("working-dir"), tt.source)
			check(t, "set", v.Set("working-dir"), tt.origin != fromDefault)
			check(t, "origin", v.get("working-dir").Origin, tt.origin)
		})
	}
}

func TestValuesOfEachKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, line string
		env        []string
		flag       string
		want       string
	}{
		{"bool", "find --json", nil, "json", "true"},
		{"bool false", "find --json=F", nil, "json", "false"},
		{"bool number", "find --json=1", nil, "json", "true"},
		{"bool false beats variable", "find --json=false", []string{"TG_JSON=true"}, "json", "false"},
		{"bool variable", "find", []string{"TG_JSON=T"}, "json", "true"},
		{"no-color twice", "find --no-color --no-color", nil, "no-color", "true"},
		{"int", "plan --parallelism=4", nil, "parallelism", "4"},
		{"int default", "plan", nil, "cas-clone-depth", "1"},
		{"int below zero", "plan --cas-clone-depth -1", nil, "cas-clone-depth", "-1"},
		{"list", "find --filter a,b --filter c", nil, "filter", "[a,b c]"},
		{"list variable", "find", []string{"TG_FILTER=a, b,,c"}, "filter", "[a b c]"},
		{"list replaces variable", "find --filter c", []string{"TG_FILTER=a,b"}, "filter", "[c]"},
		{"list default", "plan", nil, "version-manager-file-name", "[.terraform-version .tool-versions mise.toml .mise.toml]"},
		{"map", "plan --feature a=1 --feature b=x=y --feature a=2", nil, "feature", "map[a:2 b:x=y]"},
		{"map variable", "plan", []string{"TG_FEATURE=size=medium,other=x"}, "feature", "map[other:x size:medium]"},
		{"map keeps commas", "plan --feature a=1,2", nil, "feature", "map[a:1,2]"},
		{"choice default", "find", nil, "log-level", "info"},
		{"choice in any case", "find --log-level DEBUG", nil, "log-level", "debug"},
		{"text is not trimmed", "find --log-custom-format=%msgε", nil, "log-custom-format", "%msgε"},
		{"own scope", "list", []string{"TG_FORMAT=json", "TG_LIST_FORMAT=long"}, "format", "long"},
		{"own scope ignores shared", "list", []string{"TG_FORMAT=json"}, "format", "text"},
		{"shared scope", "find", []string{"TG_FORMAT=json"}, "format", "json"},
		{"render", "render", []string{"TG_RENDER_JSON=1"}, "json", "true"},
		{"render ignores TG_JSON", "render", []string{"TG_JSON=1"}, "json", "false"},
		{"strict list ignores TG_ALL", "info strict list", []string{"TG_ALL=1"}, "all", "false"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, warnings, err := bound(tt.line, tt.env...)
			if err != nil {
				t.Fatal(err)
			}
			if len(warnings) > 0 {
				t.Errorf("warnings: %v", warnings)
			}
			check(t, tt.flag, shown(v, tt.flag), tt.want)
		})
	}
}

func shown(v *values, name string) string {
	switch v.table.lookup(v.command, name).Kind {
	case kindBool:
		return fmt.Sprint(v.Bool(name))
	case kindInt, kindCount:
		return fmt.Sprint(v.Int(name))
	case kindList:
		return fmt.Sprint(v.List(name))
	case kindMap:
		return fmt.Sprint(v.Map(name))
	default:
		return v.String(name)
	}
}

func TestValueErrors(t *testing.T) {
	t.Parallel()
	const bools = `must be one of: "0", "1", "f", "t", "false", "true"`
	tests := []struct {
		name, line string
		env        []string
		want       string
	}{
		{"bool flag", "find --json=perhaps", nil, `invalid boolean value "perhaps" for -json: ` + bools},
		{"bool variable", "run --all plan", []string{"TG_ALL=x"}, ""},
		{"bool variable used", "run plan", []string{"TG_ALL=x"}, `invalid value "x" for env var TG_ALL: ` + bools},
		{"bool legacy variable", "plan", []string{"TERRAGRUNT_AUTO_INIT=x"}, `invalid value "x" for env var TERRAGRUNT_AUTO_INIT: ` + bools},
		{"scalar twice", "find --log-level info --log-level debug", nil, `invalid value "debug" for flag -log-level: setting the flag multiple times`},
		{"bool twice", "run --all --all plan", nil, `invalid value "true" for flag -all: setting the flag multiple times`},
		{"alias twice", "run --all -a plan", nil, `invalid value "true" for flag -all: setting the flag multiple times`},
		{"map", "plan --feature x", nil, "invalid key-value pair, expected format KEY=VALUE, got x."},
		{"map no key", "plan --feature =x", nil, "invalid key-value pair, expected format KEY=VALUE, got =x."},
		{"count zero", "run --all --parallelism 0 plan", nil, `invalid value "0" for flag -parallelism: must be positive`},
		{"count below zero", "run --all --parallelism -1 plan", nil, `invalid value "-1" for flag -parallelism: must be positive`},
		{"count variable", "run plan", []string{"TG_PARALLELISM=0"}, `invalid value "0" for env var TG_PARALLELISM: must be positive`},
		{"int", "run --parallelism many plan", nil, `invalid value "many" for flag -parallelism: must be a whole number`},
		{"choice", "list --format nonsense", nil, "invalid format: nonsense, must be one of: text, tree, long, dot"},
		{"choice of two words", "find --log-level nonsense", nil, "invalid log level: nonsense, must be one of: stderr, stdout, error, warn, info, debug, trace"},
		{"unsupported", "plan --experimental-engine", nil, "flag --experimental-engine is not supported: " + noEngines},
		{"unsupported variable", "plan", []string{"TG_EXPERIMENTAL_ENGINE=1"}, "TG_EXPERIMENTAL_ENGINE: flag --experimental-engine is not supported: " + noEngines},
		{"unsupported switched off", "plan --experimental-engine=false", nil, ""},
		{"unsupported elsewhere", "find", []string{"TG_BACKEND_BOOTSTRAP=1"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := bound(tt.line, tt.env...)
			got := ""
			if err != nil {
				got = err.Error()
			}
			check(t, "error", got, tt.want)
		})
	}
}

func TestValueWarnings(t *testing.T) {
	t.Parallel()
	const gone = "environment variable is deprecated and will be removed in a future version of Terrace."
	tests := []struct {
		name, line string
		env        []string
		want       string
	}{
		{"differ", "find", []string{"TG_DAG=0", "TERRACE_DAG=1"}, "TERRACE_DAG and TG_DAG are both set and differ, TERRACE_DAG is used"},
		{"same", "find", []string{"TG_DAG=1", "TERRACE_DAG=1"}, ""},
		{"legacy", "plan", []string{"TERRAGRUNT_TFPATH=tofu"}, "The `TERRAGRUNT_TFPATH` " + gone + " Use `TG_TF_PATH=tofu` instead."},
		{"legacy not used", "plan --tf-path x", []string{"TERRAGRUNT_TFPATH=tofu"}, ""},
		{"legacy of another command", "find", []string{"TERRAGRUNT_CHECK=1"}, ""},
		{"unknown legacy", "find", []string{"TERRAGRUNT_NOTHING=1"}, ""},
		{"inverted", "plan", []string{"TERRAGRUNT_AUTO_INIT=false"}, "The `TERRAGRUNT_AUTO_INIT` " + gone + " Use `TG_NO_AUTO_INIT=true` instead."},
		{"constant", "plan", []string{"TERRAGRUNT_JSON_LOG=1"}, "The `TERRAGRUNT_JSON_LOG` " + gone + " Use `TG_LOG_FORMAT=json` instead."},
		{"constant off", "plan", []string{"TERRAGRUNT_JSON_LOG=0"}, ""},
		{"own scope", "render", []string{"TERRAGRUNT_JSON_OUT=x"}, "The `TERRAGRUNT_JSON_OUT` " + gone + " Use `TG_RENDER_OUT=x` instead."},
		{"old command's", "hcl fmt", []string{"TG_HCLFMT_CHECK=1"}, "The `TG_HCLFMT_CHECK` " + gone + " Use `TG_CHECK=1` instead."},
		{"old command's, one command", "hcl validate", []string{"TERRAGRUNT_HCLVALIDATE_JSON=1"}, "The `TERRAGRUNT_HCLVALIDATE_JSON` " + gone + " Use `TG_JSON=1` instead."},
		{"old command's, other command", "find", []string{"TERRAGRUNT_HCLVALIDATE_JSON=1"}, ""},
		{"retired flag", "run --all --queue-strict-include plan", nil, "The `--queue-strict-include` flag is deprecated. It has no effect, it is the default now."},
		{"old spelling", "render --json-out x", nil, "The `--json-out` flag is deprecated. Use `--out` instead."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, warnings, err := bound(tt.line, tt.env...)
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, w := range warnings {
				texts = append(texts, w.Text)
			}
			check(t, "warnings", strings.Join(texts, "\n"), tt.want)
		})
	}
}

func TestLegacyValues(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, env, flag, want string }{
		{"plan", "TERRAGRUNT_AUTO_INIT=false", "no-auto-init", "true"},
		{"plan", "TERRAGRUNT_AUTO_INIT=true", "no-auto-init", "false"},
		{"plan", "TERRAGRUNT_TF_LOGS_TO_JSON=true", "log-format", "json"},
		{"plan", "TERRAGRUNT_DISABLE_LOG_FORMATTING=true", "log-format", "key-value"},
		{"plan", "TERRAGRUNT_DISABLE_LOG_FORMATTING=false", "log-format", "pretty"},
		{"plan", "TERRAGRUNT_INCLUDE_MODULE_PREFIX=true", "tf-forward-stdout", "false"},
		{"plan", "TERRAGRUNT_INCLUDE_DIR=a,b", "queue-include-dir", "[a b]"},
		{"plan", "TERRAGRUNT_DOWNLOAD=x", "download-dir", "x"},
		{"plan", "TERRAGRUNT_DOWNLOAD_DIR=x", "download-dir", "x"},
		{"hcl format", "TG_HCLFMT_EXCLUDE_DIR=x", "exclude-dir", "[x]"},
		{"hcl validate", "TG_STRICT_VALIDATE=1", "strict", "true"},
	}
	for _, tt := range tests {
		v, _, err := bound(tt.line, tt.env)
		if err != nil {
			t.Fatal(err)
		}
		check(t, tt.env, shown(v, tt.flag), tt.want)
	}
}

// A list handed out must not be one that the next reader gets too.
func TestListsAreCopies(t *testing.T) {
	t.Parallel()
	v, _, err := bound("find --filter a")
	if err != nil {
		t.Fatal(err)
	}
	v.List("filter")[0] = "changed"
	check(t, "filter", v.List("filter")[0], "a")
}

func TestUnknownNamePanics(t *testing.T) {
	t.Parallel()
	v, _, err := bound("find")
	if err != nil {
		t.Fatal(err)
	}
	check(t, "flag of another command", v.Bool("graph"), false)
	defer func() {
		if recover() == nil {
			t.Error("no panic for a name that is in no table")
		}
	}()
	v.Bool("no-such-flag")
}
