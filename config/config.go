package config

import "github.com/zclconf/go-cty/cty"

// Config is the complete, merged and evaluated configuration of one unit.
type Config struct {
	Terraform    Terraform
	RemoteState  *RemoteState
	Generate     []Generate // sorted by label
	Dependencies []Dependency
	Ordering     []string // dependencies.paths, absolute
	Inputs       map[string]cty.Value
	InputsOpen   bool // inputs are made of outputs as a whole that are not known, so their names are not either
	Features     map[string]cty.Value
	Exclude      *Exclude
	Errors       *Errors
	Engine       *Engine
	Catalog      *Catalog

	DownloadDir       string // absolute, "" when unset
	PreventDestroy    bool
	TerraformBinary   string
	TerraformVersion  string // constraint, "" when unset
	TerragruntVersion string // constraint, "" when unset
	IAM               IAM
	Includes          []Include
}

// Outline is what can be known of a unit before any dependency's outputs are:
// what discovery, ordering and listing need. Its inputs are never evaluated.
type Outline struct {
	Source         string   // merged terraform.source as written, "" when unset
	SourceVersion  string   // merged terraform.version, a constraint on a registry's versions; "" when unset
	Dependencies   []string // absolute directories: dependency blocks, then dependencies.paths; no duplicates
	Exclude        *Exclude
	PreventDestroy bool
	DownloadDir    string // absolute, "" when unset
	Includes       []Include
	Versions       Versions
}

// Versions are the constraints that are checked before anything runs.
type Versions struct {
	Binary     string // terraform_binary, "" when unset
	Terraform  string // terraform_version_constraint
	Terragrunt string // terragrunt_version_constraint
}

// Include is one include block of the unit's own file.
type Include struct {
	Label    string
	Path     string // absolute
	Strategy string // no_merge, shallow or deep
	Expose   bool
}

// Terraform is the terraform block.
type Terraform struct {
	Source          string
	Version         string
	ExtraArguments  []ExtraArguments
	BeforeHooks     []Hook
	AfterHooks      []Hook
	ErrorHooks      []ErrorHook
	IncludeInCopy   []string
	ExcludeFromCopy []string
	CopyLockFile    bool
	Mutable         bool
}

// ExtraArguments adds arguments and variables to some of the binary's commands.
type ExtraArguments struct {
	Name             string
	Commands         []string
	Arguments        []string
	EnvVars          map[string]string
	RequiredVarFiles []string
	OptionalVarFiles []string
}

// Hook is a before_hook or after_hook.
type Hook struct {
	Name           string
	Commands       []string
	Execute        []string
	WorkingDir     string
	If             bool
	RunOnError     bool
	SuppressStdout bool
}

// ErrorHook runs when an error's text matches one of OnErrors.
type ErrorHook struct {
	Name           string
	Commands       []string
	Execute        []string
	OnErrors       []string
	WorkingDir     string
	SuppressStdout bool
}

// RemoteState says where the unit's state lives.
type RemoteState struct {
	Backend                       string
	Config                        map[string]any // string, bool, int64, float64, []any, map[string]any; no nulls at the top
	Generate                      *GenerateBackend
	DisableInit                   bool
	DisableDependencyOptimization bool
	Encryption                    map[string]any
	Attribute                     bool // written as an attribute, which partial readers cannot see
	NeedsOutputs                  bool // evaluation read a dependency's outputs
}

// GenerateBackend says into which file the backend block is written.
type GenerateBackend struct {
	Path     string
	IfExists string
}

// Generate is one generated file.
type Generate struct {
	Name             string
	Path             string
	IfExists         string
	IfDisabled       string
	Contents         string
	CommentPrefix    string
	DisableSignature bool
	Disable          bool
	Format           *bool // nil: by extension
}

// Dependency is one merged dependency block.
type Dependency struct {
	Name              string
	ConfigPath        string // absolute
	Enabled           bool
	SkipOutputs       bool
	MockOutputs       cty.Value // cty.NilVal when unset
	MockCommands      []string
	MockMergeStrategy string
}

// Exclude takes a unit out of the queue for some commands.
type Exclude struct {
	If                  bool
	Actions             []string
	ExcludeDependencies *bool // nil: not said, which means no
	NoRun               *bool // nil: not said, which means no
}

// Errors holds the rules for retrying and ignoring errors, in the order written.
type Errors struct {
	Retry  []Retry
	Ignore []Ignore
}

// Retry repeats a unit's run when its error matches.
type Retry struct {
	Name        string
	Patterns    []string
	MaxAttempts int // all attempts, the first included
	SleepSec    int
}

// Ignore turns a matching error into success.
type Ignore struct {
	Name     string
	Patterns []string // a leading ! makes a match mean "no"; the first match decides
	Message  string
	Signals  map[string]any
}

// Engine names a plugin that would run the binary. terrace parses it only.
type Engine struct {
	Source, Version, Type string
}

// Catalog lists module repositories. It is of no use to a unit's run.
type Catalog struct {
	URLs             []string
	DefaultTemplate  string
	NoShell, NoHooks bool // what templates may not do
}

// IAM is the AWS role that a unit's run assumes.
type IAM struct {
	Role             string
	DurationSec      int64
	SessionName      string
	WebIdentityToken string
}
