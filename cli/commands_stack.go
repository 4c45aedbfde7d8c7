package cli

import "slices"

// ofStack says that the command is one of those of `stack`, which always work
// on all that lies below the working folder.
func (c *command) ofStack() bool { return c.parent != nil && c.parent.Name == "stack" }

func stackCommand() *command {
	return &command{
		Name: "stack", Group: groupMain,
		Summary: "Generate explicit stacks, and work with them",
		Subs: []*command{
			{
				Name:        "generate",
				Summary:     "Write the units that stack files declare",
				Description: "Generates every terragrunt.stack.hcl below the working folder, nested ones included. What is there already is not written again; what was generated once and is declared no longer is removed.",
				Examples: []example{
					{"Generate all stacks below this folder", "terrace stack generate"},
					{"Generate one stack, but not those nested in it", "terrace stack generate --filter './live | type=stack'"},
				},
				Flags: stackFlags(),
			},
			{
				Name: "run", Words: wordsTofu,
				Args:        "[--] <command> [arguments]",
				Summary:     "Generate stacks and run a command on all units",
				Description: "Generates the stacks below the working folder and runs a command of the wrapped binary on every unit there, in the order of their dependencies.",
				Examples: []example{
					{"Plan all units", "terrace stack run plan"},
					{"Apply without questions", "terrace stack run --non-interactive apply"},
				},
				Flags: slices.Concat(stackFlags(), guardFlags()),
			},
			{
				Name: "output", Args: "[key]",
				Summary:     "Show the outputs of the units of stacks",
				Description: "Reads the outputs of all units that the stack files below the working folder declare, and prints them under the names of units and stacks. A key with dots, such as net.vpc.id, chooses a part.",
				Examples: []example{
					{"Show everything", "terrace stack output"},
					{"Show one unit as JSON", "terrace stack output --json net.vpc"},
					{"Use one value in a script", "id=$(terrace stack output --raw net.vpc.id)"},
				},
				Flags: slices.Concat(stackOutputFlags(), stackFlags()),
			},
			{
				Name:        "clean",
				Summary:     "Remove what was generated",
				Description: "Removes every .terragrunt-stack folder below the working folder, and what was generated beside stack files. A unit whose local state still manages something is kept.",
				Examples:    []example{{"Remove all generated stacks", "terrace stack clean"}},
			},
		},
	}
}

// stackFlags are those of a run, without the one that says what is always so.
func stackFlags() []*flagDef {
	flags := slices.DeleteFunc(runFlags(), func(f *flagDef) bool { return f.Name == "all" })
	return append(flags, &flagDef{Name: "no-stack-validate", Hidden: true, Help: "Warn where a source is no unit or stack, instead of failing."})
}

func stackOutputFlags() []*flagDef {
	return []*flagDef{
		{Name: "format", Kind: kindString, Value: "name", Default: "hcl", Choices: []string{"hcl", "json", "raw"}, Help: "Format of the outputs."},
		{Name: "json", Help: "Same as --format=json."},
		{Name: "raw", Help: "Same as --format=raw: one value as it is."},
	}
}

// stackOutputOptions are the flags of `stack output` besides the run flags.
type stackOutputOptions struct{ Format, Key string }

func newStackOutputOptions(v *values, args []string) (stackOutputOptions, error) {
	o := stackOutputOptions{Format: v.String("format")}
	json, raw := v.Bool("json"), v.Bool("raw")
	switch {
	case json && raw:
		return o, &usageError{"--json and --raw are two formats: give one of them"}
	case json:
		o.Format = "json"
	case raw:
		o.Format = "raw"
	}
	if len(args) > 1 {
		return o, &usageError{"stack output takes one key, with dots between its parts"}
	}
	if len(args) == 1 {
		o.Key = args[0]
	}
	return o, nil
}
