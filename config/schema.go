package config

import "github.com/zclconf/go-cty/cty"

// attrSpec is one attribute of the language.
type attrSpec struct {
	name     string
	typ      attrType
	required bool
	shallow  attrMerge
	deep     attrMerge
	unset    string // what an absent attribute means, for the reference; a bool's is false
	help     string
}

// blockSpec is one block of the language. Decoding, merging, rendering and the
// reference all read this table; a new attribute is one row and one test.
type blockSpec struct {
	name      string
	label     labelRule
	many      bool // may stand in a file more than once
	attribute bool // may also be written as an attribute: name = { ... }
	shallow   blockMerge
	deep      blockMerge
	attrs     []attrSpec
	blocks    []*blockSpec
	help      string
}

type attrType uint8

const (
	typeString attrType = iota
	typeBool
	typeNumber
	typeStrings   // list(string)
	typeStringMap // map(string)
	typeObject    // any object
	typeAny
)

// ctyType gives the type that a value is converted to, or DynamicPseudoType
// where its own type is kept.
func (t attrType) ctyType() cty.Type {
	switch t {
	case typeString:
		return cty.String
	case typeBool:
		return cty.Bool
	case typeNumber:
		return cty.Number
	case typeStrings:
		return cty.List(cty.String)
	case typeStringMap:
		return cty.Map(cty.String)
	}
	return cty.DynamicPseudoType
}

func (t attrType) String() string {
	return [...]string{"string", "bool", "number", "list(string)", "map(string)", "object", "any"}[t]
}

type labelRule uint8

const (
	labelNone labelRule = iota
	labelOne
	labelOptional
)

type attrMerge uint8

const (
	attrReplace  attrMerge = iota // the child's, if set
	attrValues                    // the deep merge of values
	attrChildAnd                  // the child's list followed by the parent's
	attrAndChild                  // the parent's list followed by the child's, without duplicates
	attrSorted                    // the sorted union of both lists
	attrPositive                  // the child's, if greater than zero
	attrKeys                      // the keys of both, the child's value where both have one
)

type blockMerge uint8

const (
	mergeNever   blockMerge = iota // a parent's block is of no interest to the child
	mergeWhole                     // the child's block replaces the parent's
	mergeLabel                     // by label: the child's replaces the parent's in its place, new ones follow
	mergeFields                    // attribute by attribute, nested blocks by their own rule
	mergeByField                   // by label, then attribute by attribute
)

// rootSpec is the whole language: the attributes and blocks of a file.
func rootSpec() *blockSpec {
	return &blockSpec{
		attrs: []attrSpec{
			{name: "inputs", typ: typeObject, shallow: attrKeys, deep: attrValues, help: "Values for the module's variables, handed over as TF_VAR_ variables."},
			{name: "download_dir", unset: "`.terragrunt-cache` in the unit", help: "Folder for fetched modules; relative to the file that says so."},
			{name: "prevent_destroy", typ: typeBool, help: "Refuse to destroy this unit."},
			{name: "iam_role", help: "ARN of the AWS role to assume."},
			{name: "iam_assume_role_duration", typ: typeNumber, unset: "`3600`", help: "Length of the role's session in seconds."},
			{name: "iam_assume_role_session_name", help: "Name of the role's session."},
			{name: "iam_web_identity_token", help: "Web identity token, or a path to one, to assume the role with."},
			{name: "terraform_binary", unset: "`tofu`, else `terraform`", help: "Binary to run."},
			{name: "terraform_version_constraint", help: "Versions of the binary that this unit works with."},
			{name: "terragrunt_version_constraint", help: "Versions of this tool that the unit works with."},
		},
		blocks: []*blockSpec{
			terraformSpec(), remoteStateSpec(), includeSpec(), localsSpec(), dependencySpec(), dependenciesSpec(),
			generateSpec(), featureSpec(), excludeSpec(), errorsSpec(), engineSpec(), catalogSpec(),
		},
	}
}

func includeSpec() *blockSpec {
	return &blockSpec{
		name: "include", label: labelOptional, many: true, shallow: mergeNever, deep: mergeNever,
		help: "Takes over the configuration of a parent file.",
		attrs: []attrSpec{
			{name: "path", required: true, help: "The parent file, relative to the unit."},
			{name: "expose", typ: typeBool, help: "Make the parent readable as include.LABEL."},
			{name: "merge_strategy", unset: "`shallow`", help: "`no_merge`, `shallow` or `deep`."},
		},
	}
}

func localsSpec() *blockSpec {
	return &blockSpec{name: "locals", shallow: mergeNever, deep: mergeNever, help: "Named expressions of this file, in any order."}
}

func terraformSpec() *blockSpec {
	hook := func(name, when string) *blockSpec {
		return &blockSpec{
			name: name, label: labelOne, many: true, shallow: mergeLabel, deep: mergeLabel,
			help: "A command to run " + when + ".",
			attrs: []attrSpec{
				{name: "commands", typ: typeStrings, required: true, help: "Commands of the binary that the hook belongs to."},
				{name: "execute", typ: typeStrings, required: true, help: "Program and arguments."},
				{name: "working_dir", unset: "where the binary runs", help: "Folder to run in; a relative one starts at the unit."},
				{name: "if", typ: typeBool, unset: "`true`", help: "Run the hook at all."},
				{name: "run_on_error", typ: typeBool, help: "Run even when something failed before."},
				{name: "suppress_stdout", typ: typeBool, help: "Do not show the hook's standard output."},
			},
		}
	}
	return &blockSpec{
		name: "terraform", shallow: mergeFields, deep: mergeFields,
		help: "The module, and how the binary is called.",
		attrs: []attrSpec{
			{name: "source", unset: "the unit's own folder", help: "Address of the module."},
			{name: "version", help: "Version constraint for a registry module."},
			{name: "include_in_copy", typ: typeStrings, deep: attrChildAnd, help: "Globs that are copied even if hidden."},
			{name: "exclude_from_copy", typ: typeStrings, deep: attrChildAnd, help: "Globs that are never copied."},
			{name: "copy_terraform_lock_file", typ: typeBool, unset: "`true`", help: "Copy the lock file back beside the unit."},
			{name: "mutable", typ: typeBool, help: "Fetched files are writable copies."},
			{name: "update_source_with_cas", typ: typeBool, help: "Rewrite relative sources of catalog files."},
		},
		blocks: []*blockSpec{
			{
				name: "extra_arguments", label: labelOne, many: true, shallow: mergeLabel, deep: mergeLabel,
				help: "Arguments and variables for some commands.",
				attrs: []attrSpec{
					{name: "commands", typ: typeStrings, required: true, help: "Commands that they are added to."},
					{name: "arguments", typ: typeStrings, help: "Arguments to add."},
					{name: "env_vars", typ: typeStringMap, help: "Environment variables to set."},
					{name: "required_var_files", typ: typeStrings, help: "Files to pass with -var-file."},
					{name: "optional_var_files", typ: typeStrings, help: "The same, if they exist."},
				},
			},
			hook("before_hook", "before the binary"),
			hook("after_hook", "after the binary"),
			{
				name: "error_hook", label: labelOne, many: true, shallow: mergeLabel, deep: mergeLabel,
				help: "A command to run when an error matches.",
				attrs: []attrSpec{
					{name: "commands", typ: typeStrings, required: true, help: "Commands of the binary that the hook belongs to."},
					{name: "execute", typ: typeStrings, required: true, help: "Program and arguments."},
					{name: "on_errors", typ: typeStrings, required: true, help: "Regular expressions; one must match the error."},
					{name: "working_dir", unset: "where the binary runs", help: "Folder to run in; a relative one starts at the unit."},
					{name: "suppress_stdout", typ: typeBool, help: "Do not show the hook's standard output."},
				},
			},
		},
	}
}

func remoteStateSpec() *blockSpec {
	return &blockSpec{
		name: "remote_state", attribute: true, shallow: mergeWhole, deep: mergeWhole,
		help: "Where the state lives.",
		attrs: []attrSpec{
			{name: "backend", required: true, help: "Kind of backend: local, s3, gcs..."},
			{name: "config", typ: typeObject, required: true, help: "The backend's settings."},
			{name: "generate", typ: typeObject, help: "File to write the backend block to: { path, if_exists }."},
			{name: "disable_init", typ: typeBool, help: "Never create the backend's resources."},
			{name: "disable_dependency_optimization", typ: typeBool, help: "Read outputs through the whole unit."},
			{name: "encryption", typ: typeObject, help: "Encryption of state and plan, with generate only."},
		},
	}
}

func dependencySpec() *blockSpec {
	return &blockSpec{
		name: "dependency", label: labelOne, many: true, shallow: mergeLabel, deep: mergeByField,
		help: "Another unit, whose outputs this one reads.",
		attrs: []attrSpec{
			{name: "config_path", required: true, help: "Folder or file of the other unit, relative to this one."},
			{name: "enabled", typ: typeBool, unset: "`true`", help: "Whether the dependency exists."},
			{name: "skip_outputs", typ: typeBool, help: "Never read the outputs."},
			{name: "mock_outputs", typ: typeObject, deep: attrValues, help: "Stand-ins for outputs that are not there yet."},
			{name: "mock_outputs_allowed_terraform_commands", typ: typeStrings, deep: attrAndChild, unset: "all", help: "Commands that may use them."},
			{name: "mock_outputs_merge_strategy_with_state", unset: "`no_merge`", help: "How mocks are merged with real outputs: `no_merge`, `shallow` or `deep_map_only`."},
			{name: "mock_outputs_merge_with_state", typ: typeBool, help: "Old spelling of `mock_outputs_merge_strategy_with_state = \"shallow\"`."},
		},
		blocks: []*blockSpec{expansionSpec()},
	}
}

func dependenciesSpec() *blockSpec {
	return &blockSpec{
		name: "dependencies", shallow: mergeFields, deep: mergeFields,
		help:  "Units that must run first.",
		attrs: []attrSpec{{name: "paths", typ: typeStrings, required: true, shallow: attrAndChild, deep: attrAndChild, help: "Their folders, relative to this unit."}},
	}
}

func generateSpec() *blockSpec {
	return &blockSpec{
		name: "generate", label: labelOne, many: true, attribute: true, shallow: mergeLabel, deep: mergeLabel,
		help: "A file to write beside the module's.",
		attrs: []attrSpec{
			{name: "path", required: true, help: "The file, relative to where the binary runs."},
			{name: "if_exists", required: true, help: "What to do with a file that is there: `overwrite`, `overwrite_terragrunt` (only one that was generated), `skip` or `error`."},
			{name: "contents", required: true, help: "The file's text."},
			{name: "if_disabled", unset: "`skip`", help: "What to do with the file when `disable` is set: `skip`, `remove` or `remove_terragrunt`."},
			{name: "disable", typ: typeBool, help: "Do not write the file."},
			{name: "comment_prefix", unset: "`\"# \"`", help: "Start of the signature line."},
			{name: "disable_signature", typ: typeBool, help: "Write no signature line."},
			{name: "hcl_fmt", typ: typeBool, unset: "by its extension", help: "Format the file as HCL."},
			{name: "mutable", typ: typeBool, help: "Accepted; generated files are always writable."},
		},
	}
}

func featureSpec() *blockSpec {
	return &blockSpec{
		name: "feature", label: labelOne, many: true, shallow: mergeLabel, deep: mergeByField,
		help:  "A value that the command line can override.",
		attrs: []attrSpec{{name: "default", typ: typeAny, deep: attrValues, unset: "an error", help: "Value when it is not overridden."}},
	}
}

func excludeSpec() *blockSpec {
	return &blockSpec{
		name: "exclude", shallow: mergeWhole, deep: mergeWhole,
		help: "Leaves the unit out of queue runs.",
		attrs: []attrSpec{
			{name: "if", typ: typeBool, required: true, help: "Whether it is left out."},
			{name: "actions", typ: typeStrings, required: true, help: "Commands that it is left out of; `all`; `all_except_output`."},
			{name: "exclude_dependencies", typ: typeBool, help: "Leave its dependencies out too."},
			{name: "no_run", typ: typeBool, help: "Prepare a unit run alone, but do not run the binary."},
		},
	}
}

func errorsSpec() *blockSpec {
	return &blockSpec{
		name: "errors", shallow: mergeWhole, deep: mergeFields,
		help: "What to do about errors that are known.",
		blocks: []*blockSpec{
			{
				name: "retry", label: labelOne, many: true, shallow: mergeLabel, deep: mergeByField,
				help: "Try again.",
				attrs: []attrSpec{
					{name: "retryable_errors", typ: typeStrings, required: true, deep: attrSorted, help: "Regular expressions; the first match decides; a leading ! means no."},
					{name: "max_attempts", typ: typeNumber, required: true, deep: attrPositive, help: "All attempts, the first included."},
					{name: "sleep_interval_sec", typ: typeNumber, required: true, deep: attrPositive, help: "Pause between attempts in seconds."},
				},
			},
			{
				name: "ignore", label: labelOne, many: true, shallow: mergeLabel, deep: mergeByField,
				help: "Go on as if nothing had happened.",
				attrs: []attrSpec{
					{name: "ignorable_errors", typ: typeStrings, required: true, deep: attrSorted, help: "Regular expressions; the first match decides; a leading ! means no."},
					{name: "message", help: "Text for the log."},
					{name: "signals", typ: typeObject, deep: attrKeys, help: "Values to write to error-signals.json."},
				},
			},
		},
	}
}

func engineSpec() *blockSpec {
	return &blockSpec{
		name: "engine", shallow: mergeWhole, deep: mergeFields,
		help: "A plugin to run the binary. Not supported; reported when it would be used.",
		attrs: []attrSpec{
			{name: "source", required: true, help: "Address of the plugin."},
			{name: "version", help: "Its version."},
			{name: "type", unset: "`rpc`", help: "Its protocol."},
			{name: "meta", typ: typeAny, help: "Settings for it."},
		},
	}
}

func catalogSpec() *blockSpec {
	return &blockSpec{
		name: "catalog", shallow: mergeNever, deep: mergeNever,
		help: "Repositories of modules, for the catalog command.",
		attrs: []attrSpec{
			{name: "urls", typ: typeStrings, required: true, help: "The repositories."},
			{name: "default_template", help: "Template for scaffolding."},
			{name: "no_shell", typ: typeBool, help: "Templates may not run commands."},
			{name: "no_hooks", typ: typeBool, help: "Templates may not run hooks."},
		},
	}
}

func (s *blockSpec) attr(name string) *attrSpec {
	for i := range s.attrs {
		if s.attrs[i].name == name {
			return &s.attrs[i]
		}
	}
	return nil
}

func (s *blockSpec) block(name string) *blockSpec {
	for _, b := range s.blocks {
		if b.name == name {
			return b
		}
	}
	return nil
}
