package cli

import "slices"

// Groups of the application help, in the order they are shown.
const (
	groupMain      = "Main"
	groupCatalog   = "Catalog"
	groupDiscovery = "Discovery"
	groupConfig    = "Configuration"
	groupLive      = "Environments"
	groupShortcuts = "OpenTofu shortcuts"
)

func groupOrder() []string {
	return []string{groupMain, groupLive, groupCatalog, groupDiscovery, groupConfig, groupShortcuts}
}

// commands is the command table.
func commands() []*command {
	return slices.Concat(
		[]*command{runCommand(), execCommand(), stackCommand(), backendCommand(), findCommandRow(), listCommand(), dagCommand(), whyCommand(), browseCommand(),
			hclCommand(), infoCommand(), renderCommand(), rescueCommand(), locksCommand(), cacheCommand(), cleanCommand(),
			catalogCommand(), scaffoldCommand(),
			bundleCommand(),
			environmentsCommand(), versionsCommand(), checkCommand(),
			promoteCommand()},
		shortcuts(),
		[]*command{helpCommand(), versionCommand(), completionCommand(), docsCommand()},
	)
}

func runCommand() *command {
	return &command{
		Name: "run", Group: groupMain, Words: wordsTofu,
		Args:    "[--] <command> [arguments]",
		Summary: "Run a command of the wrapped binary on one unit or on many",
		Description: "Runs any command of OpenTofu or Terraform on the unit in the working folder, " +
			"or with --all, --graph or --filter on a queue of units in the order of their dependencies. " +
			"Flags of the wrapped binary follow its command; after a double dash every word is passed on.",
		Examples: []example{
			{"Plan the unit in this folder", "terrace run plan"},
			{"Apply all units below this folder", "terrace run --all apply"},
			{"Plan this unit and all that depend on it", "terrace run --graph plan"},
			{"Pass on a flag that both programs know", "terrace run --all -- plan -parallelism=5"},
			{"Run a command that has no shortcut", "terrace run -- workspace list"},
		},
		Flags: slices.Concat(runFlags(), graphFlags()),
	}
}

func execCommand() *command {
	return &command{
		Name: "exec", Group: groupMain, Words: wordsProgram,
		Args:    "-- <program> [arguments]",
		Summary: "Run any program in the context of a unit",
		Description: "Prepares the unit, exports its inputs as TF_VAR_ variables, runs the hooks for exec " +
			"and then the program in the unit's folder.",
		Examples: []example{
			{"Show the variables the wrapped binary would see", "terrace exec -- env"},
			{"Look into the downloaded source", "terrace exec --in-download-dir -- ls -la"},
		},
		Flags: slices.Concat(execFlags(), unitFlags(), sourceFlags(), tofuFlags(), authFlags(), guardFlags()),
	}
}

func findCommandRow() *command {
	return &command{
		Name: "find", Aliases: []string{"fd"}, Group: groupDiscovery,
		Summary:     "Find units and stacks",
		Description: "Lists the units and stacks below the working folder, one path a line or as JSON.",
		Examples: []example{
			{"Find everything below this folder", "terrace find"},
			{"Show dependencies as JSON", "terrace find --json --dependencies"},
			{"Find the units that a change of a file touches", "terrace find --filter 'reading=common.hcl'"},
			{"List in the order of a destroy", "terrace find --as destroy"},
		},
		Flags: slices.Concat(findFlags(), filterFlags(), backendFlags(), []*flagDef{featureFlag()}),
	}
}

func listCommand() *command {
	return &command{
		Name: "list", Aliases: []string{"ls"}, Group: groupDiscovery,
		Summary:     "List units and stacks for people",
		Description: "Lists the units and stacks below the working folder in columns, as a table, as a tree or as a graph.",
		Examples: []example{
			{"List in columns", "terrace list"},
			{"Show kinds and dependencies", "terrace list --long --dependencies"},
			{"Show the dependency tree", "terrace list --tree --dag"},
		},
		Flags: slices.Concat(listFlags(), filterFlags(), backendFlags(), []*flagDef{featureFlag()}),
	}
}

func dagCommand() *command {
	return &command{
		Name: "dag", Group: groupDiscovery,
		Summary: "Show the dependency graph",
		Subs: []*command{{
			Name:        "graph",
			Summary:     "Print the dependency graph in DOT format",
			Description: "Prints the units below the working folder and their dependencies in the DOT format of Graphviz.",
			Examples:    []example{{"Draw the graph", "terrace dag graph | dot -Tsvg >graph.svg"}},
			Flags:       slices.Concat(filterFlags(), queueAliasFlags(), []*flagDef{featureFlag()}),
		}},
	}
}

func hclCommand() *command {
	return &command{
		Name: "hcl", Group: groupConfig,
		Summary: "Format and validate HCL files",
		Subs: []*command{
			{
				Name: "format", Aliases: []string{"fmt"},
				Summary:     "Format HCL files",
				Description: "Rewrites every .hcl file below the working folder in canonical form.",
				Examples: []example{
					{"Format all files", "terrace hcl format"},
					{"Fail when a file needs formatting, and show how", "terrace hcl format --check --diff"},
					{"Format from an editor", "terrace hcl format --stdin"},
				},
				Flags: slices.Concat(formatFlags(), []*flagDef{parallelismFlag()}, filterFlags(), queueAliasFlags()),
			},
			{
				Name: "validate", Words: wordsLoose,
				Summary:     "Validate the configuration of all units and stacks",
				Description: "Evaluates every unit and stack below the working folder and reports the mistakes found.",
				Examples: []example{
					{"Validate everything", "terrace hcl validate"},
					{"Find inputs that are missing or not used", "terrace hcl validate --inputs --strict"},
					{"Report as JSON", "terrace hcl validate --json"},
				},
				Flags: slices.Concat(validateFlags(), unitFlags(), sourceFlags(), authFlags(), filterFlags(), queueAliasFlags()),
			},
		},
	}
}

func infoCommand() *command {
	return &command{
		Name: "info", Group: groupConfig,
		Summary: "Show settings",
		Subs: []*command{
			{
				Name:        "print",
				Summary:     "Print the settings that apply to a unit as JSON",
				Description: "Prints where the unit's configuration, source and cache are and which binary it uses.",
				Examples: []example{
					{"Print the settings of the unit here", "terrace info print"},
					{"Print those of all units below", "terrace info print --all"},
				},
				Flags: runFlags(),
			},
			{
				Name:    "strict",
				Summary: "Show strict controls",
				Subs: []*command{{
					Name: "list", Args: "[name]",
					Summary:     "List strict controls",
					Description: "Lists what can be made an error. With a name, lists the controls it stands for and what to use instead.",
					Examples: []example{
						{"List the controls that have an effect", "terrace info strict list"},
						{"Show what replaces old variables", "terrace info strict list terragrunt-prefix-env-vars"},
					},
					Flags: strictListFlags(),
				}},
			},
		},
	}
}

func renderCommand() *command {
	return &command{
		Name: "render", Group: groupConfig,
		Summary:     "Print the evaluated configuration of a unit",
		Description: "Evaluates the unit with everything it includes and prints the merged result as HCL or JSON.",
		Examples: []example{
			{"Print as HCL", "terrace render"},
			{"Read one input", "terrace render --json | jq .inputs.name"},
			{"Write beside the unit file", "terrace render --json --write"},
		},
		Flags: slices.Concat(renderFlags(), runFlags()),
	}
}

func helpCommand() *command {
	return &command{Name: "help", Args: "[command]", Hidden: true, Words: wordsLoose, Summary: "Show help of the program or of a command"}
}

func versionCommand() *command {
	return &command{Name: "version", Hidden: true, Words: wordsLoose, Summary: "Show the version"}
}

func completionCommand() *command {
	return &command{
		Name: "completion", Group: groupConfig, Args: "bash|zsh|fish|powershell",
		Summary:     "Print a completion script for a shell",
		Description: "Prints a script that lets the shell complete commands and flags.",
		Examples: []example{
			{"Complete in this bash session", "source <(terrace completion bash)"},
			{"Complete in every fish session", "terrace completion fish >~/.config/fish/completions/terrace.fish"},
		},
	}
}

func docsCommand() *command {
	return &command{
		Name: "docs", Hidden: true, Summary: "Print documentation",
		Subs: []*command{
			{Name: "cli", Summary: "Print the reference of commands and flags as Markdown"},
			{Name: "config", Summary: "Print the reference of blocks and attributes as Markdown"},
			{Name: "functions", Summary: "Print the reference of functions as Markdown"},
		},
	}
}
