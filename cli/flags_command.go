package cli

// findFlags are those of `find` alone.
func findFlags() []*flagDef {
	return []*flagDef{
		{Name: "format", Kind: kindString, Value: "name", Default: "text", Choices: []string{"text", "json"}, Help: "Format of the listing."},
		{Name: "json", Aliases: []string{"j"}, Help: "Same as --format=json."},
		{Name: "dag", Help: "List in the order of a run."},
		{Name: "dependencies", Help: "Add the dependencies of each unit."},
		{Name: "exclude", Help: "Add the exclude block of each unit."},
		{Name: "include", Help: "Add the files that each unit includes."},
		{Name: "reading", Help: "Add the files that each unit reads."},
		{Name: "no-hidden", Help: "Leave out hidden folders."},
		{Name: "queue-construct-as", Aliases: []string{"as"}, Kind: kindString, Value: "command", Help: "List in the order in which this command would run."},
		hiddenFlag(envShared),
		{Name: "external", Hidden: true, Help: "List dependencies outside the working folder too."},
	}
}

// listFlags are those of `list` alone. They read TG_LIST_… only, because
// TG_FORMAT and its like belong to `find`.
func listFlags() []*flagDef {
	return []*flagDef{
		{Name: "format", Kind: kindString, Value: "name", Default: "text", Choices: []string{"text", "tree", "long", "dot"}, Env: envOwn, Help: "Format of the listing."},
		{Name: "long", Aliases: []string{"l"}, Env: envOwn, Help: "Same as --format=long."},
		{Name: "tree", Aliases: []string{"T"}, Env: envOwn, Help: "Same as --format=tree."},
		{Name: "dag", Env: envOwn, Help: "List in the order of a run."},
		{Name: "dependencies", Env: envOwn, Help: "Show the dependencies of each unit."},
		{Name: "no-hidden", Env: envOwn, Help: "Leave out hidden folders."},
		{Name: "queue-construct-as", Aliases: []string{"as"}, Kind: kindString, Value: "command", Env: envOwn, Help: "List in the order in which this command would run."},
		hiddenFlag(envOwn),
		{Name: "external", Hidden: true, Env: envOwn, Help: "List dependencies outside the working folder too."},
	}
}

func hiddenFlag(scope envScope) *flagDef {
	return &flagDef{Name: "hidden", Hidden: true, Env: scope, Help: "Has no effect: hidden folders are listed.",
		Retired: &retirement{Control: "deprecated-hidden-flag", Advice: "It has no effect, hidden folders are listed unless `--no-hidden` is given."}}
}

func execFlags() []*flagDef {
	return []*flagDef{
		{Name: "in-download-dir", Help: "Run in the folder with the downloaded source, after init."},
	}
}

func renderFlags() []*flagDef {
	return []*flagDef{
		{Name: "format", Kind: kindString, Value: "name", Default: "hcl", Choices: []string{"hcl", "json"}, Env: envOwn, Help: "Format of the result."},
		{Name: "json", Aliases: []string{"j"}, Env: envOwn, Help: "Same as --format=json."},
		{Name: "write", Aliases: []string{"w"}, Env: envOwn, Help: "Write the result beside the unit file instead of printing it."},
		{Name: "out", Old: []string{"json-out"}, Kind: kindPath, Value: "file", Env: envOwn, Help: "File to write, relative to the unit."},
		{Name: "with-metadata", Env: envOwn, Help: "Say for each value which file it comes from."},
	}
}

func formatFlags() []*flagDef {
	return []*flagDef{
		{Name: "check", Help: "Write nothing; fail when a file needs formatting."},
		{Name: "diff", Help: "Show what would change."},
		{Name: "file", Kind: kindPath, Value: "file", Help: "Format this file only."},
		{Name: "stdin", Help: "Format standard input to standard output."},
		{Name: "exclude-dir", Kind: kindList, Value: "name", Help: "Leave out folders or files of this name. Repeat for more."},
	}
}

func validateFlags() []*flagDef {
	return []*flagDef{
		{Name: "inputs", Help: "Compare the inputs with the variables of the module."},
		{Name: "strict", Help: "With --inputs, fail on unused inputs too."},
		{Name: "json", Aliases: []string{"j"}, Help: "Print the findings as JSON."},
		{Name: "show-config-path", Help: "Print only the paths of the files with errors."},
	}
}

func strictListFlags() []*flagDef {
	return []*flagDef{
		{Name: "all", Env: envOwn, Help: "List completed controls too."},
	}
}
