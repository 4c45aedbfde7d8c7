package cli

import "slices"

func environmentsCommand() *command {
	return &command{
		Name: "environments", Group: groupLive,
		Summary: "Show the environments of the live repository",
		Description: "Lists the environments in the order in which changes move through them, with their folders, guards and checks: " +
			"those of terrace.hcl at the root of the repository, or without that file the folders called dev, stage and prod. " +
			"Folders with units that belong to no environment are listed below.",
		Examples: []example{
			{"What is what here?", "terrace environments"},
			{"For a script", "terrace environments --json | jq -r '.environments[].name'"},
		},
		Flags: slices.Concat([]*flagDef{liveJSONFlag()}, []*flagDef{featureFlag()}),
	}
}

func versionsCommand() *command {
	return &command{
		Name: "versions", Group: groupLive,
		Summary: "Show which version of each module is in which environment",
		Description: "Prints a row for each component and a column for each environment: the version that the module's source is pinned to, " +
			"as evaluated, and how it stands to the environment before. Nothing is downloaded; --outdated asks the repositories " +
			"and registries of the modules for their newest release.",
		Examples: []example{
			{"What is where?", "terrace versions"},
			{"Is there anything newer?", "terrace versions --outdated"},
			{"A table for a pull request", "terrace versions --format markdown"},
			{"The slots in which prod is behind", `terrace versions --json | jq -r '.components[] | select(.units.prod.relation == "behind") | .slot'`},
		},
		Flags: slices.Concat([]*flagDef{
			{Name: "outdated", Env: envOwn, Help: "Ask git repositories and registries for the newest releases."},
			{Name: "format", Kind: kindString, Value: "name", Default: "text", Choices: []string{"text", "markdown", "json"}, Env: envOwn, Help: "Format of the table."},
			liveJSONFlag(),
		}, []*flagDef{featureFlag(), tfPathFlag()}),
	}
}

func checkCommand() *command {
	return &command{
		Name: "check", Group: groupLive, Args: "[environment ...]",
		Summary: "Run the checks of environments",
		Description: "Runs the check blocks of terrace.hcl, as a promotion does after an apply: all of them, or those of the environments named. " +
			"Fails if one does not hold, after telling the notify commands.",
		Examples: []example{
			{"Check everything", "terrace check"},
			{"Check one environment", "terrace check stage"},
		},
		Flags: []*flagDef{featureFlag()},
	}
}

func liveJSONFlag() *flagDef {
	return &flagDef{Name: "json", Aliases: []string{"j"}, Env: envOwn, Help: "Print JSON."}
}
