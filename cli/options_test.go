package cli

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/run"
)

// testCwd is an absolute path on every system.
func testCwd(t *testing.T, parts ...string) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join(string(filepath.Separator), "cwd"))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(append([]string{root}, parts...)...)
}

func globalsOf(t *testing.T, line string, env ...string) (*values, globalOptions, []warning, error) {
	t.Helper()
	v, _, err := bound(line, env...)
	if err != nil {
		t.Fatal(err)
	}
	g, warnings, err := newGlobalOptions(v, newEnvironment(env), testCwd(t))
	return v, g, warnings, err
}

func TestGlobalOptions(t *testing.T) {
	t.Parallel()
	_, got, warnings, err := globalsOf(t, "find")
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	check(t, "default working dir", got.WorkingDir, testCwd(t))
	check(t, "default log", got.Log, logOptions{Level: "info", Format: "pretty"})
	check(t, "default colour", got.NoColor, false)
	check(t, "default questions", got.NonInteractive, false)

	_, got, _, err = globalsOf(t, "find --working-dir live --log-level error --log-format bare --log-custom-format %msg"+
		" --log-disable --log-show-abs-paths --no-color --non-interactive")
	if err != nil {
		t.Fatal(err)
	}
	check(t, "working dir", got.WorkingDir, testCwd(t, "live"))
	check(t, "log", got.Log, logOptions{"error", "bare", "%msg", true, true})
	check(t, "colour", got.NoColor, true)
	check(t, "questions", got.NonInteractive, true)
}

func TestGlobalOptionsFromOtherVariables(t *testing.T) {
	t.Parallel()
	tests := []struct {
		env              string
		noColor, noInput bool
	}{
		{"NO_COLOR=1", true, false}, {"NO_COLOR=", false, false},
		{"TF_INPUT=false", false, true}, {"TF_INPUT=0", false, true}, {"TF_INPUT=true", false, false}, {"TF_INPUT=x", false, false},
	}
	for _, tt := range tests {
		_, got, _, err := globalsOf(t, "find", tt.env)
		if err != nil {
			t.Fatal(err)
		}
		check(t, tt.env+" colour", got.NoColor, tt.noColor)
		check(t, tt.env+" questions", got.NonInteractive, tt.noInput)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, wantErr, wantWarning string }{
		{"find --experiment symlinks", "", ""},
		{"find --experiment stacks", "", "The experiment `stacks` is completed"},
		{"find --experiment nonsense", "invalid experiment: nonsense, allowed experiment(s): azure-backend, ", ""},
		{"find --strict-control bare-include", "", ""},
		{"find --strict-control apply-all", "", "The strict control `apply-all` is completed"},
		{"find --strict-control nonsense", "invalid strict control: nonsense, allowed control(s): ", ""},
		{"find --no-tip debugging-docs", "", ""},
		{"find --no-tip nonsense", "invalid tip: nonsense, allowed tip(s): debugging-docs, ", ""},
	}
	for _, tt := range tests {
		_, _, warnings, err := globalsOf(t, tt.line)
		if (err != nil) != (tt.wantErr != "") || err != nil && !strings.HasPrefix(err.Error(), tt.wantErr) {
			t.Errorf("%s: error %v", tt.line, err)
		}
		if (len(warnings) > 0) != (tt.wantWarning != "") || len(warnings) > 0 && !strings.HasPrefix(warnings[0].Text, tt.wantWarning) {
			t.Errorf("%s: warnings %v", tt.line, warnings)
		}
	}
}

func TestStrictOptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line    string
		on, off []string
	}{
		{"find", nil, []string{"bare-include", "deprecated-flags"}},
		{"find --strict-control bare-include", []string{"bare-include"}, []string{"root-terragrunt-hcl"}},
		{"find --strict-control deprecated-configs", []string{"bare-include", "root-terragrunt-hcl", "deprecated-configs"}, []string{"queue-strict-include"}},
		{"find --strict-control deprecated-flags", []string{"queue-strict-include"}, []string{"terragrunt-prefix-flags"}},
		{"find --strict-mode", activeControls(), []string{"apply-all"}},
	}
	for _, tt := range tests {
		_, g, _, err := globalsOf(t, tt.line)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range tt.on {
			check(t, tt.line+" "+name, g.Strict.Enabled(name), true)
		}
		for _, name := range tt.off {
			check(t, tt.line+" "+name, g.Strict.Enabled(name), false)
		}
	}
}

func TestEnforce(t *testing.T) {
	t.Parallel()
	list := []warning{{"", "free"}, {controlOldVars, "old variable"}}
	loose, _, _ := newStrictOptions(nil, false)
	if err := loose.enforce(list); err != nil {
		t.Error(err)
	}
	strict, _, _ := newStrictOptions([]string{"deprecated-env-vars"}, false)
	err := strict.enforce(list)
	if err == nil || !strings.Contains(err.Error(), "old variable") || strings.Contains(err.Error(), "free") {
		t.Errorf("got %v", err)
	}
}

func TestExperimentsAndTips(t *testing.T) {
	t.Parallel()
	_, g, _, _ := globalsOf(t, "find --experiment symlinks --no-tip debugging-docs")
	check(t, "named", g.Experiments.Enabled("symlinks"), true)
	check(t, "not named", g.Experiments.Enabled("profiling"), false)
	check(t, "tip off", g.Tips.Wanted(tipDebugging), false)
	check(t, "other tip", g.Tips.Wanted(tipStackTarget), true)
	_, g, _, _ = globalsOf(t, "find --experiment-mode --no-tips")
	check(t, "mode", g.Experiments.Enabled("profiling"), true)
	check(t, "no tips", g.Tips.Wanted(tipStackTarget), false)
}

func runOptionsOf(t *testing.T, line string, env ...string) (runOptions, error) {
	t.Helper()
	v, g, _, err := globalsOf(t, line, env...)
	if err != nil {
		t.Fatal(err)
	}
	return newRunOptions(v, g, testCwd(t))
}

func TestRunOptionsDefaults(t *testing.T) {
	t.Parallel()
	got, err := runOptionsOf(t, "plan")
	if err != nil {
		t.Fatal(err)
	}
	want := runOptions{
		Unit:      unitOptions{VersionFiles: []string{".terraform-version", ".tool-versions", "mise.toml", ".mise.toml"}},
		Source:    sourceOptions{CloneDepth: 1},
		Tofu:      tofuOptions{OutputsFromState: true},
		Providers: providerOptions{Hostname: "localhost"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	check(t, "queue", got.isQueue(), false)
}

func TestRunOptions(t *testing.T) {
	t.Parallel()
	got, err := runOptionsOf(t, "run --working-dir live --all --parallelism 3 --fail-fast --queue-ignore-errors --queue-ignore-dag-order"+
		" --no-stack-generate --out-dir plans --json-out-dir json --config u/x.hcl --download-dir dl --tf-path ./tofu"+
		" --feature a=1 --inputs-debug --version-manager-file-name v --source ../m --source-map a=b --source-update --no-cas"+
		" --cas-clone-depth -1 --no-auto-init --no-auto-retry --tf-forward-stdout --no-hooks --no-engine --no-dependency-outputs"+
		" --no-dependency-fetch-output-from-state --destroy-dependencies-check --no-auto-provider-cache-dir"+
		" --auth-provider-cmd creds --no-discovery-auth-provider-cmd --disable-bucket-update --summary-disable"+
		" --summary-per-unit --report-file r.json --report-format csv --report-schema-file s.json --timings-file t.json --resume"+
		" --filter b --filter a --filter b --filter-affected --filter-allow-destroy --filters-file f --discovery-boundary .."+
		" --queue-include-dir i --queue-exclude-dir e --queue-include-external --queue-include-units-reading r"+
		" --units-that-include t --queue-excludes-file x plan")
	if err != nil {
		t.Fatal(err)
	}
	live := func(name string) string { return testCwd(t, "live", name) }
	want := runOptions{
		Queue:     queueOptions{All: true, Parallelism: 3, FailFast: true, IgnoreErrors: true, IgnoreOrder: true, NoStackGenerate: true, Resume: true},
		Plans:     planOptions{live("plans"), live("json")},
		Unit:      unitOptions{testCwd(t, "u", "x.hcl"), testCwd(t, "dl"), testCwd(t, "tofu"), map[string]string{"a": "1"}, true, []string{"v"}},
		Source:    sourceOptions{"../m", map[string]string{"a": "b"}, true, true, -1},
		Tofu:      tofuOptions{true, true, true, true, run.EnginesOff, true, false, true},
		Providers: providerOptions{NoAuto: true, Hostname: "localhost"},
		Auth:      authOptions{Command: "creds", NotInDiscovery: true},
		Backend:   backendOptions{DisableUpdate: true},
		Report:    reportOptions{true, true, live("r.json"), "csv", live("s.json"), live("t.json")},
		Filter: filterOptions{
			Queries: []string{"b", "a"}, Affected: true, AllowDestroy: true, File: live("f"), Boundary: testCwd(t),
			IncludeDirs: []string{"i"}, ExcludeDirs: []string{"e"}, External: true, UnitsReading: []string{"r", "t"},
			ExcludesFile: live("x"), fileRequested: true,
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestRunOptionsDetails(t *testing.T) {
	t.Parallel()
	abs := testCwd(t, "elsewhere")
	got, err := runOptionsOf(t, "run --graph --graph-root "+abs+" --tf-path tofu --no-auto-approve --parallelism 9 --log-disable apply")
	if err != nil {
		t.Fatal(err)
	}
	check(t, "graph root", got.Queue.GraphRoot, abs)
	check(t, "binary by name", got.Unit.TFPath, "tofu")
	check(t, "one at a time", got.Queue.Parallelism, 1)
	check(t, "forward", got.Tofu.ForwardStdout, true)
	got, _ = runOptionsOf(t, "run --graph --graph-root below plan")
	check(t, "relative graph root", got.Queue.GraphRoot, testCwd(t, "below"))
}

func TestWhatMakesAQueue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line string
		want bool
	}{
		{"plan", false}, {"plan --all", true}, {"plan --graph", true}, {"plan --filter a", true},
		{"plan --filter-affected", true}, {"plan --filters-file f", true}, {"plan --filters-file f --no-filters-file", false},
		{"plan --queue-include-dir a", false}, {"plan --no-filters-file", false},
	}
	for _, tt := range tests {
		got, err := runOptionsOf(t, tt.line)
		if err != nil {
			t.Fatal(err)
		}
		check(t, tt.line, got.isQueue(), tt.want)
	}
}

func TestRivals(t *testing.T) {
	t.Parallel()
	for flags, name := range map[string]string{
		"--all": "--all", "--filter a": "--filter", "--filter-affected": "--filter-affected", "--filters-file f": "--filters-file",
	} {
		_, err := runOptionsOf(t, "run --graph "+flags+" plan")
		want := "Using the `" + name + "` and `--graph` flags simultaneously is not supported."
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v", flags, err)
		}
	}
}

func TestFindAndListOptions(t *testing.T) {
	t.Parallel()
	v, g, _, _ := globalsOf(t, "find --as destroy --format json --exclude --include --reading --no-hidden --external --filter a --feature x=y")
	got := newFindOptions(v, g)
	want := findOptions{JSON: true, DAG: true, Exclude: true, Includes: true, Reading: true, NoHidden: true, External: true,
		As: "destroy", Filter: filterOptions{Queries: []string{"a"}}, Features: map[string]string{"x": "y"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	tests := []struct{ line, format string }{
		{"list", "text"}, {"list --tree", "tree"}, {"list -l -T", "long"}, {"list --format dot", "dot"}, {"list --format tree -l", "long"},
	}
	for _, tt := range tests {
		v, g, _, _ := globalsOf(t, tt.line)
		check(t, tt.line, newListOptions(v, g).Format, tt.format)
	}
	v, g, _, _ = globalsOf(t, "dag graph --filter a")
	graph := newGraphOptions(v, g)
	if graph.Format != "dot" || !graph.DAG || !graph.Dependencies || len(graph.Filter.Queries) != 1 {
		t.Errorf("got %+v", graph)
	}
}

func TestRenderOptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line string
		want renderOptions
	}{
		{"render", renderOptions{}},
		{"render --format json", renderOptions{JSON: true}},
		{"render --json -w --with-metadata", renderOptions{JSON: true, Write: true, WithMetadata: true}},
		{"render --out f", renderOptions{Write: true, Out: "f"}},
	}
	for _, tt := range tests {
		v, _, _, _ := globalsOf(t, tt.line)
		check(t, tt.line, newRenderOptions(v), tt.want)
	}
}

func TestHCLOptions(t *testing.T) {
	t.Parallel()
	v, g, _, _ := globalsOf(t, "hcl fmt --working-dir live --check --diff --file a.hcl --exclude-dir x --parallelism 2")
	got, err := newFormatOptions(v, g)
	want := formatOptions{Check: true, Diff: true, File: testCwd(t, "live", "a.hcl"), ExcludeNames: []string{"x"}, Parallelism: 2}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	errors := []struct{ line, want string }{
		{"hcl fmt --stdin --file x", "both stdin and path flags are specified"},
		{"hcl validate --strict", "specifying -strict without -inputs is invalid"},
		{"hcl validate --inputs --json", "specifying -json with -inputs is invalid"},
		{"hcl validate --inputs --show-config-path", "specifying -show-config-path with -inputs is invalid"},
		{"hcl validate --inputs --strict", ""},
		{"hcl validate --json --show-config-path", ""},
	}
	for _, tt := range errors {
		v, g, _, _ := globalsOf(t, tt.line)
		var err error
		if strings.HasPrefix(tt.line, "hcl fmt") {
			_, err = newFormatOptions(v, g)
		} else {
			_, err = newValidateOptions(v)
		}
		if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
			t.Errorf("%s: got %v", tt.line, err)
		}
	}
}
