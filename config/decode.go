package config

import (
	"math/big"
	"path/filepath"
	"sort"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

func (b *block) str(name string) string {
	v, ok := b.attrs[name]
	if !ok || !v.IsKnown() || v.IsNull() {
		return ""
	}
	return v.AsString()
}

func (b *block) flag(name string, absent bool) bool {
	v, ok := b.attrs[name]
	if !ok || !v.IsKnown() || v.IsNull() {
		return absent
	}
	return v.True()
}

// optional is flag for an attribute whose absence means something.
func (b *block) optional(name string) *bool {
	v, ok := b.attrs[name]
	if !ok || !v.IsKnown() || v.IsNull() {
		return nil
	}
	on := v.True()
	return &on
}

func (b *block) strings(name string) []string {
	v, ok := b.attrs[name]
	if !ok {
		return nil
	}
	return stringsOf(v)
}

func (b *block) number(name string) int64 {
	v, ok := b.attrs[name]
	if !ok || !v.IsKnown() || v.IsNull() {
		return 0
	}
	n, _ := v.AsBigFloat().Int64()
	return n
}

func (b *block) stringMap(name string) map[string]string {
	v, ok := b.attrs[name]
	if !ok || !v.IsKnown() {
		return nil
	}
	out := map[string]string{}
	for k, x := range v.AsValueMap() {
		if !x.IsNull() && x.IsKnown() {
			out[k] = x.AsString()
		}
	}
	return out
}

func (b *block) plainMap(name string) map[string]any {
	v, ok := b.attrs[name]
	if !ok || v.IsNull() || !v.IsKnown() {
		return nil
	}
	out, _ := plain(v).(map[string]any)
	return out
}

// plain turns a value into Go's own types: string, bool, int64 or float64,
// []any, map[string]any, nil. What is unknown becomes nil.
func plain(v cty.Value) any {
	v, _ = v.Unmark()
	if v.IsNull() || !v.IsKnown() {
		return nil
	}
	switch t := v.Type(); {
	case t == cty.String:
		return v.AsString()
	case t == cty.Bool:
		return v.True()
	case t == cty.Number:
		return plainNumber(v.AsBigFloat())
	case isSequence(v):
		out := make([]any, 0, v.LengthInt())
		for it := v.ElementIterator(); it.Next(); {
			_, x := it.Element()
			out = append(out, plain(x))
		}
		return out
	case isObject(v):
		out := make(map[string]any, v.LengthInt())
		for k, x := range v.AsValueMap() {
			out[k] = plain(x)
		}
		return out
	}
	return nil
}

func plainNumber(f *big.Float) any {
	if n, acc := f.Int64(); acc == big.Exact {
		return n
	}
	n, _ := f.Float64()
	return n
}

func decodeTerraform(blocks []*block) (Terraform, error) {
	t := Terraform{CopyLockFile: true}
	if len(blocks) == 0 {
		return t, nil
	}
	b := blocks[0]
	t.Source, t.Version = b.str("source"), b.str("version")
	t.IncludeInCopy, t.ExcludeFromCopy = b.strings("include_in_copy"), b.strings("exclude_from_copy")
	t.CopyLockFile, t.Mutable = b.flag("copy_terraform_lock_file", true), b.flag("mutable", false)
	var ps problems
	ps.add(checkModuleVersion(b))
	for _, n := range b.blocks {
		switch n.spec.name {
		case "extra_arguments":
			t.ExtraArguments = append(t.ExtraArguments, ExtraArguments{
				Name: n.label, Commands: n.strings("commands"), Arguments: n.strings("arguments"), EnvVars: n.stringMap("env_vars"),
				RequiredVarFiles: n.strings("required_var_files"), OptionalVarFiles: n.strings("optional_var_files"),
			})
		case "error_hook":
			ps.add(checkExecute(n))
			ps.add(checkPatterns(n, "on_errors", "error"))
			t.ErrorHooks = append(t.ErrorHooks, ErrorHook{
				Name: n.label, Commands: n.strings("commands"), Execute: n.strings("execute"), OnErrors: n.strings("on_errors"),
				WorkingDir: n.str("working_dir"), SuppressStdout: n.flag("suppress_stdout", false),
			})
		default:
			ps.add(checkExecute(n))
			h := Hook{
				Name: n.label, Commands: n.strings("commands"), Execute: n.strings("execute"), WorkingDir: n.str("working_dir"),
				If: n.flag("if", true), RunOnError: n.flag("run_on_error", false), SuppressStdout: n.flag("suppress_stdout", false),
			}
			if n.spec.name == "before_hook" {
				t.BeforeHooks = append(t.BeforeHooks, h)
			} else {
				t.AfterHooks = append(t.AfterHooks, h)
			}
		}
	}
	return t, ps.joined()
}

func checkExecute(b *block) error {
	if words := b.strings("execute"); len(words) == 0 || words[0] == "" {
		return b.errAt("execute", "Error with hook %s. Need at least one non-empty argument in 'execute'.", b.label)
	}
	return nil
}

func decodeRemoteState(blocks []*block) (*RemoteState, error) {
	if len(blocks) == 0 {
		return nil, nil
	}
	b := blocks[0]
	rs := &RemoteState{
		Backend: b.str("backend"), Config: b.plainMap("config"), Encryption: b.plainMap("encryption"),
		DisableInit: b.flag("disable_init", false), DisableDependencyOptimization: b.flag("disable_dependency_optimization", false),
		Attribute: b.form,
	}
	if rs.Backend == "" {
		return nil, b.errAt("backend", "the remote_state.backend field cannot be empty")
	}
	gen := b.plainMap("generate")
	if gen == nil {
		return rs, nil
	}
	for _, name := range sortedKeys(gen) {
		if name != "path" && name != "if_exists" {
			return nil, b.errAt("generate", "remote_state.generate has no attribute %q.%s", name, orNearest(name, "path", "if_exists"))
		}
	}
	path, _ := gen["path"].(string)
	ifExists, _ := gen["if_exists"].(string)
	if path == "" || ifExists == "" {
		return nil, b.errAt("generate", "remote_state.generate needs both path and if_exists")
	}
	if err := checkIfExists(b, "generate", ifExists); err != nil {
		return nil, err
	}
	rs.Generate = &GenerateBackend{Path: path, IfExists: ifExists}
	return rs, nil
}

func checkIfExists(b *block, attr, value string) error {
	switch value {
	case "overwrite", "overwrite_terragrunt", "skip", "error":
		return nil
	}
	return b.errAt(attr, "%s is not a valid value for generate if_exists. Valid values are: overwrite, overwrite_terragrunt, skip, error.%s",
		value, orNearest(value, "overwrite", "overwrite_terragrunt", "skip", "error"))
}

func decodeGenerate(blocks []*block) ([]Generate, error) {
	var out []Generate
	var ps problems
	for _, b := range blocks {
		g := Generate{
			Name: b.label, Path: b.str("path"), IfExists: b.str("if_exists"), IfDisabled: b.str("if_disabled"),
			Contents: b.str("contents"), CommentPrefix: "# ", DisableSignature: b.flag("disable_signature", false), Disable: b.flag("disable", false),
		}
		if _, ok := b.attrs["comment_prefix"]; ok {
			g.CommentPrefix = b.str("comment_prefix")
		}
		g.Format = b.optional("hcl_fmt")
		if g.IfDisabled == "" {
			g.IfDisabled = "skip"
		}
		ps.add(checkIfExists(b, "if_exists", g.IfExists))
		switch g.IfDisabled {
		case "skip", "remove", "remove_terragrunt":
		default:
			ps.add(b.errAt("if_disabled", "%s is not a valid value for generate if_disabled. Valid values are: skip, remove, remove_terragrunt.%s",
				g.IfDisabled, orNearest(g.IfDisabled, "skip", "remove", "remove_terragrunt")))
		}
		out = append(out, g)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, ps.joined()
}

func decodeExclude(blocks []*block) *Exclude {
	if len(blocks) == 0 {
		return nil
	}
	b := blocks[0]
	return &Exclude{If: b.flag("if", false), Actions: b.strings("actions"), ExcludeDependencies: b.optional("exclude_dependencies"), NoRun: b.optional("no_run")}
}

func decodeErrors(blocks []*block) (*Errors, error) {
	if len(blocks) == 0 {
		return nil, nil
	}
	out := &Errors{}
	var ps problems
	for _, b := range blocks[0].blocks {
		if b.spec.name == "ignore" {
			ps.add(checkPatterns(b, "ignorable_errors", "ignore"))
			out.Ignore = append(out.Ignore, Ignore{Name: b.label, Patterns: b.strings("ignorable_errors"), Message: b.str("message"), Signals: b.plainMap("signals")})
			continue
		}
		r := Retry{Name: b.label, Patterns: b.strings("retryable_errors"), MaxAttempts: int(b.number("max_attempts")), SleepSec: int(b.number("sleep_interval_sec"))}
		ps.add(checkPatterns(b, "retryable_errors", "retry"))
		if r.MaxAttempts < 1 {
			ps.add(b.errAt("max_attempts", "cannot have less than 1 max retry in errors.retry %q, but got %d", r.Name, r.MaxAttempts))
		}
		if r.SleepSec < 0 {
			ps.add(b.errAt("sleep_interval_sec", "cannot sleep for less than 0 seconds in errors.retry %q, but got %d", r.Name, r.SleepSec))
		}
		out.Retry = append(out.Retry, r)
	}
	return out, ps.joined()
}

func checkPatterns(b *block, attr, kind string) error {
	for _, p := range b.strings(attr) {
		if err := validPattern(p); err != nil {
			return b.errAt(attr, "invalid %s pattern %q in %s %q: %s", kind, p, b.spec.name, b.label, err)
		}
	}
	return nil
}

func decodeDependencies(v view, ev *eval) ([]Dependency, error) {
	var out []Dependency
	var ps problems
	list, err := v.dependencyBlocks(ev)
	ps.add(err)
	for _, d := range list {
		dep, err := v.decodeDependency(ev, d)
		ps.add(err)
		out = append(out, dep)
	}
	return out, ps.joined()
}

func (v view) decodeDependency(ev *eval, d labelled) (Dependency, error) {
	dep := Dependency{Name: d.address()}
	var ps problems
	var err error
	dep.ConfigPath, err = v.configPath(ev, d)
	ps.add(err)
	dep.Enabled, err = d.bool(ev, "enabled", true)
	ps.add(err)
	dep.SkipOutputs, err = d.bool(ev, "skip_outputs", false)
	ps.add(err)
	dep.MockMergeStrategy, err = mockStrategy(ev, d)
	ps.add(err)
	mocks, ok, err := d.merged(ev, "mock_outputs")
	ps.add(err)
	if ok {
		dep.MockOutputs = mocks
	}
	commands, _, err := d.merged(ev, "mock_outputs_allowed_terraform_commands")
	ps.add(err)
	if err == nil {
		dep.MockCommands = stringsOf(commands)
	}
	return dep, ps.joined()
}

// orderingPaths gives dependencies.paths, absolute. Each must be a folder.
func (v view) orderingPaths(ev *eval) ([]string, error) {
	blocks, err := v.section(ev, "dependencies")
	if err != nil || len(blocks) == 0 {
		return nil, err
	}
	var out []string
	var missing []string
	for _, p := range blocks[0].strings("paths") {
		abs := v.core.dirOf(p)
		if isFile(abs) {
			abs = filepath.Dir(abs)
		} else if !isDir(abs) {
			missing = append(missing, abs)
		}
		out = append(out, abs)
	}
	if len(missing) > 0 {
		return out, blocks[0].errAt("paths", "Found paths in the 'dependencies' block that do not exist: %s.", strings.Join(missing, ", "))
	}
	return out, nil
}
