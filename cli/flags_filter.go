package cli

// filterFlags choose units by query.
func filterFlags() []*flagDef {
	return []*flagDef{
		{Name: "filter", Kind: kindList, Value: "query", Help: "Choose units by a query. Repeat for more."},
		{Name: "filter-affected", Help: "Choose units changed since the default branch."},
		{Name: "filter-allow-destroy", Help: "Let a git query destroy units that were removed."},
		{Name: "filters-file", Kind: kindPath, Value: "file", Help: "File with one query a line. .terragrunt-filters in the working folder unless given."},
		{Name: "no-filters-file", Help: "Read no file of queries."},
		{Name: "discovery-boundary", Kind: kindPath, Value: "dir", Help: "Do not follow dependencies out of this folder."},
	}
}

// queueAliasFlags are older ways to say what a query says.
func queueAliasFlags() []*flagDef {
	return []*flagDef{
		{Name: "queue-include-dir", Kind: kindList, Value: "glob", Hidden: true, Help: "Choose the units in these folders. Repeat for more."},
		{Name: "queue-exclude-dir", Kind: kindList, Value: "glob", Hidden: true, Help: "Leave out the units in these folders. Repeat for more."},
		{Name: "queue-include-external", Hidden: true, Help: "Run dependencies outside the working folder too."},
		{Name: "queue-include-units-reading", Kind: kindList, Value: "file", Hidden: true, Help: "Choose the units that read this file. Repeat for more."},
		{Name: "queue-excludes-file", Kind: kindPath, Value: "file", Hidden: true, Help: "File with one folder to leave out a line. .terragrunt-excludes unless given."},
		{Name: "units-that-include", Kind: kindList, Value: "file", Hidden: true, Help: "Choose the units that include this file. Repeat for more.",
			Retired: &retirement{Control: "units-that-include", Advice: "Use `--filter reading=FILE` instead."}},
		{Name: "queue-strict-include", Hidden: true, Help: "Has no effect: it is the default.",
			Retired: &retirement{Control: "queue-strict-include", Advice: "It has no effect, it is the default now."}},
		{Name: "queue-exclude-external", Hidden: true, Help: "Has no effect: it is the default.",
			Retired: &retirement{Control: "queue-exclude-external", Advice: "It has no effect, it is the default now."}},
	}
}
