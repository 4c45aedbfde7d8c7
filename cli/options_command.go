package cli

// findOptions are the flags of `find`.
type findOptions struct {
	JSON                            bool
	DAG                             bool // also when As is set
	Dependencies, Exclude, Includes bool
	Reading, NoHidden, External     bool
	As                              string // command whose order is wanted; empty for none
	Filter                          filterOptions
	Features                        map[string]string
}

func newFindOptions(v *values, g globalOptions) findOptions {
	as := v.String("queue-construct-as")
	return findOptions{
		JSON:         v.Bool("json") || v.String("format") == "json",
		DAG:          v.Bool("dag") || as != "",
		Dependencies: v.Bool("dependencies"),
		Exclude:      v.Bool("exclude"),
		Includes:     v.Bool("include"),
		Reading:      v.Bool("reading"),
		NoHidden:     v.Bool("no-hidden"),
		External:     v.Bool("external"),
		As:           as,
		Filter:       newFilterOptions(v, g.WorkingDir),
		Features:     v.Map("feature"),
	}
}

// listOptions are the flags of `list` and of `dag graph`.
type listOptions struct {
	Format       string // text, long, tree or dot
	DAG          bool   // also when As is set
	Dependencies bool
	NoHidden     bool
	External     bool
	As           string
	Filter       filterOptions
	Features     map[string]string
}

func newListOptions(v *values, g globalOptions) listOptions {
	as := v.String("queue-construct-as")
	o := listOptions{
		Format:       v.String("format"),
		DAG:          v.Bool("dag") || as != "",
		Dependencies: v.Bool("dependencies"),
		NoHidden:     v.Bool("no-hidden"),
		External:     v.Bool("external"),
		As:           as,
		Filter:       newFilterOptions(v, g.WorkingDir),
		Features:     v.Map("feature"),
	}
	switch {
	case v.Bool("long"):
		o.Format = "long"
	case v.Bool("tree"):
		o.Format = "tree"
	}
	return o
}

// newGraphOptions are the options of `dag graph`: a listing in one fixed form.
func newGraphOptions(v *values, g globalOptions) listOptions {
	o := newListOptions(v, g)
	o.Format, o.DAG, o.Dependencies = "dot", true, true
	return o
}

// renderOptions are the flags of `render` besides the run flags.
type renderOptions struct {
	JSON         bool
	Write        bool   // also when Out is set
	Out          string // relative to the unit; empty for the default name
	WithMetadata bool
}

func newRenderOptions(v *values) renderOptions {
	out := v.String("out")
	return renderOptions{
		JSON:         v.Bool("json") || v.String("format") == "json",
		Write:        v.Bool("write") || out != "",
		Out:          out,
		WithMetadata: v.Bool("with-metadata"),
	}
}

// formatOptions are the flags of `hcl format`.
type formatOptions struct {
	Check, Diff, Stdin bool
	File               string // absolute or empty
	ExcludeNames       []string
	Parallelism        int // 0 for no limit
	Filter             filterOptions
}

func newFormatOptions(v *values, g globalOptions) (formatOptions, error) {
	o := formatOptions{
		Check:        v.Bool("check"),
		Diff:         v.Bool("diff"),
		Stdin:        v.Bool("stdin"),
		File:         absoluteIfSet(g.WorkingDir, v.String("file")),
		ExcludeNames: v.List("exclude-dir"),
		Parallelism:  v.Int("parallelism"),
		Filter:       newFilterOptions(v, g.WorkingDir),
	}
	if o.Stdin && o.File != "" {
		return o, &usageError{"both stdin and path flags are specified"}
	}
	return o, nil
}

// validateOptions are the flags of `hcl validate` besides those of a unit.
type validateOptions struct {
	Inputs, Strict, JSON, ShowConfigPath bool
}

func newValidateOptions(v *values) (validateOptions, error) {
	o := validateOptions{
		Inputs:         v.Bool("inputs"),
		Strict:         v.Bool("strict"),
		JSON:           v.Bool("json"),
		ShowConfigPath: v.Bool("show-config-path"),
	}
	switch {
	case o.Strict && !o.Inputs:
		return o, &usageError{"specifying -strict without -inputs is invalid"}
	case o.Inputs && o.JSON:
		return o, &usageError{"specifying -json with -inputs is invalid"}
	case o.Inputs && o.ShowConfigPath:
		return o, &usageError{"specifying -show-config-path with -inputs is invalid"}
	}
	return o, nil
}
