package cli

import (
	"fmt"
	"runtime"

	"github.com/terrace-iac/terrace/run"
)

// runOptions are the run flags as plain values, by area. All paths are
// absolute or empty.
type runOptions struct {
	Queue     queueOptions
	Plans     planOptions
	Unit      unitOptions
	Source    sourceOptions
	Tofu      tofuOptions
	Auth      authOptions
	Backend   backendOptions
	Report    reportOptions
	Filter    filterOptions
	Providers providerOptions
}

type queueOptions struct {
	All             bool   // --all was given
	Graph           bool   // --graph was given
	GraphRoot       string // empty: find the top of the git repository
	Parallelism     int    // units in flight; 0 for no limit
	FailFast        bool
	IgnoreErrors    bool
	IgnoreOrder     bool
	NoAutoApprove   bool
	NoStackGenerate bool
	Resume          bool
}

type planOptions struct{ Dir, JSONDir string }

type unitOptions struct {
	Config       string // unit file; empty for the default in the working folder
	DownloadDir  string
	TFPath       string // a path, or a name to look for on PATH
	Features     map[string]string
	InputsDebug  bool
	VersionFiles []string
}

type sourceOptions struct {
	Source     string
	Map        map[string]string
	Update     bool
	NoCAS      bool
	CloneDepth int // -1 for everything
}

type tofuOptions struct {
	NoAutoInit             bool
	NoAutoRetry            bool
	ForwardStdout          bool
	NoHooks                bool
	Engines                run.Engines
	NoDependencyOutputs    bool
	OutputsFromState       bool // read stored state first; set unless switched off
	DestroyDependencyCheck bool
}

type authOptions struct {
	Command          string
	NotInDiscovery   bool
	Role             string
	Duration         int // seconds; 0 for the default
	SessionName      string
	WebIdentityToken string
}

type backendOptions struct{ Bootstrap, RequireBootstrap, DisableUpdate bool }

type reportOptions struct {
	NoSummary      bool
	SummaryPerUnit bool
	File           string
	Format         string // csv or json; empty: by the file's extension
	SchemaFile     string
	TimingsFile    string
}

// filterOptions choose units. Some of them turn a run of one unit into a
// queue: see impliesQueue.
type filterOptions struct {
	Queries       []string // --filter, without duplicates
	Affected      bool
	AllowDestroy  bool
	File          string // --filters-file; empty: the default one if it exists
	NoFile        bool
	Boundary      string
	IncludeDirs   []string // globs
	ExcludeDirs   []string // globs
	External      bool     // include dependencies outside the working folder
	UnitsReading  []string
	ExcludesFile  string // empty: the default one if it exists
	fileRequested bool
}

// impliesQueue reports whether the options ask for a queue without --all or
// --graph. An explicit filters file does, the default one does not.
func (f filterOptions) impliesQueue() bool {
	return len(f.Queries) > 0 || f.Affected || f.fileRequested
}

// isQueue reports whether the run is over many units.
func (o runOptions) isQueue() bool {
	return o.Queue.All || o.Queue.Graph || o.Filter.impliesQueue()
}

// newRunOptions builds the options from the values. The unit file, the
// download folder, the graph root and the binary are typed relative to cwd;
// what a run writes, and the files that choose units, to the working folder.
func newRunOptions(v *values, g globalOptions, cwd string) (runOptions, error) {
	o := runOptions{
		Queue:     newQueueOptions(v, cwd),
		Unit:      newUnitOptions(v, cwd),
		Source:    newSourceOptions(v),
		Tofu:      newTofuOptions(v, g),
		Auth:      newAuthOptions(v),
		Filter:    newFilterOptions(v, g.WorkingDir),
		Providers: newProviderOptions(v, cwd),
		Report:    newReportOptions(v, g.WorkingDir),
		Plans:     planOptions{absoluteIfSet(g.WorkingDir, v.String("out-dir")), absoluteIfSet(g.WorkingDir, v.String("json-out-dir"))},
		Backend:   backendOptions{v.Bool("backend-bootstrap"), v.Bool("backend-require-bootstrap"), v.Bool("disable-bucket-update")},
	}
	if o.Queue.Graph && (o.Queue.All || o.Filter.impliesQueue()) {
		return o, &usageError{fmt.Sprintf("Using the `%s` and `--graph` flags simultaneously is not supported.", rival(o))}
	}
	if v.Set("cas-clone-depth") && o.Source.CloneDepth == 0 {
		return o, &usageError{"--cas-clone-depth cannot be 0: give the number of commits to fetch, or -1 for all"}
	}
	return o, nil
}

// rival is the flag that --graph cannot be combined with.
func rival(o runOptions) string {
	switch {
	case o.Queue.All:
		return "--all"
	case len(o.Filter.Queries) > 0:
		return "--filter"
	case o.Filter.Affected:
		return "--filter-affected"
	default:
		return "--filters-file"
	}
}

func newQueueOptions(v *values, cwd string) queueOptions {
	q := queueOptions{
		All:             v.Bool("all"),
		Graph:           v.Bool("graph"),
		GraphRoot:       absoluteIfSet(cwd, v.String("graph-root")),
		Parallelism:     v.Int("parallelism"),
		FailFast:        v.Bool("fail-fast"),
		IgnoreErrors:    v.Bool("queue-ignore-errors"),
		IgnoreOrder:     v.Bool("queue-ignore-dag-order"),
		NoAutoApprove:   v.Bool("no-auto-approve"),
		NoStackGenerate: v.Bool("no-stack-generate"),
		Resume:          v.Bool("resume"),
	}
	if q.NoAutoApprove {
		q.Parallelism = 1 // questions of several units would mix on one terminal
	}
	return q
}

func newUnitOptions(v *values, cwd string) unitOptions {
	return unitOptions{
		Config:       absoluteIfSet(cwd, v.String("config")),
		DownloadDir:  absoluteIfSet(cwd, v.String("download-dir")),
		TFPath:       binaryPath(cwd, v.String("tf-path")),
		Features:     v.Map("feature"),
		InputsDebug:  v.Bool("inputs-debug"),
		VersionFiles: v.List("version-manager-file-name"),
	}
}

// binaryPath makes a path absolute, because the binary is started in another
// folder. A bare name is left for the search on PATH.
func binaryPath(cwd, path string) string {
	if !hasSeparator(path) {
		return path
	}
	return absolute(cwd, path)
}

func hasSeparator(path string) bool {
	for i := range len(path) {
		if path[i] == '/' || runtime.GOOS == "windows" && path[i] == '\\' {
			return true
		}
	}
	return false
}

func newSourceOptions(v *values) sourceOptions {
	return sourceOptions{
		Source:     v.String("source"),
		Map:        v.Map("source-map"),
		Update:     v.Bool("source-update"),
		NoCAS:      v.Bool("no-cas"),
		CloneDepth: v.Int("cas-clone-depth"),
	}
}

func newTofuOptions(v *values, g globalOptions) tofuOptions {
	return tofuOptions{
		NoAutoInit:             v.Bool("no-auto-init"),
		NoAutoRetry:            v.Bool("no-auto-retry"),
		ForwardStdout:          v.Bool("tf-forward-stdout") || g.Log.Disable,
		NoHooks:                v.Bool("no-hooks"),
		Engines:                engines(v, g),
		NoDependencyOutputs:    v.Bool("no-dependency-outputs"),
		OutputsFromState:       !v.Bool("no-dependency-fetch-output-from-state"),
		DestroyDependencyCheck: v.Bool("destroy-dependencies-check"),
	}
}

func engines(v *values, g globalOptions) run.Engines {
	switch {
	case v.Bool("no-engine"):
		return run.EnginesOff
	case g.Experiments.Enabled("iac-engine"):
		return run.EnginesRefused
	}
	return run.EnginesTold
}

func newAuthOptions(v *values) authOptions {
	return authOptions{
		Command:          v.String("auth-provider-cmd"),
		NotInDiscovery:   v.Bool("no-discovery-auth-provider-cmd"),
		Role:             v.String("iam-assume-role"),
		Duration:         v.Int("iam-assume-role-duration"),
		SessionName:      v.String("iam-assume-role-session-name"),
		WebIdentityToken: v.String("iam-assume-role-web-identity-token"),
	}
}

func newReportOptions(v *values, workingDir string) reportOptions {
	return reportOptions{
		NoSummary:      v.Bool("summary-disable"),
		SummaryPerUnit: v.Bool("summary-per-unit"),
		File:           absoluteIfSet(workingDir, v.String("report-file")),
		Format:         v.String("report-format"),
		SchemaFile:     absoluteIfSet(workingDir, v.String("report-schema-file")),
		TimingsFile:    absoluteIfSet(workingDir, v.String("timings-file")),
	}
}

// newFilterOptions serves every command with filter flags.
func newFilterOptions(v *values, workingDir string) filterOptions {
	return filterOptions{
		Queries:       unique(v.List("filter")),
		Affected:      v.Bool("filter-affected"),
		AllowDestroy:  v.Bool("filter-allow-destroy"),
		File:          absoluteIfSet(workingDir, v.String("filters-file")),
		NoFile:        v.Bool("no-filters-file"),
		Boundary:      absoluteIfSet(workingDir, v.String("discovery-boundary")),
		IncludeDirs:   v.List("queue-include-dir"),
		ExcludeDirs:   v.List("queue-exclude-dir"),
		External:      v.Bool("queue-include-external"),
		UnitsReading:  append(v.List("queue-include-units-reading"), v.List("units-that-include")...),
		ExcludesFile:  absoluteIfSet(workingDir, v.String("queue-excludes-file")),
		fileRequested: v.Set("filters-file") && !v.Bool("no-filters-file"),
	}
}

// unique drops repeated entries and keeps the order.
func unique(list []string) []string {
	seen := make(map[string]bool, len(list))
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
