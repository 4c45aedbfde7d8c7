package cli

func pruneFlags() []*flagDef {
	return []*flagDef{
		{Name: "max-age", Kind: kindString, Value: "time", Default: "720h", Env: envOwn, Help: "Remove what was not used for this long, such as 36h; 0 for no limit."},
		{Name: "max-size", Kind: kindString, Value: "size", Default: "10GiB", Env: envOwn, Help: "Remove what was used longest ago until the rest is no larger than this, such as 500MiB; 0 for no limit."},
		dryRunFlag(),
	}
}

func cleanFlags() []*flagDef {
	return []*flagDef{
		{Name: "with-state", Kind: kindList, Value: "dir", Env: envNone, Help: "Remove the caches at or below this folder although they hold local state. Repeat for more."},
		dryRunFlag(),
	}
}

func dryRunFlag() *flagDef {
	return &flagDef{Name: "dry-run", Env: envNone, Help: "Only say what would be removed."}
}

func cacheCommand() *command {
	return &command{
		Name: "cache", Group: groupConfig,
		Summary: "Show and tidy the store of downloaded sources",
		Subs: []*command{
			{
				Name:        "info",
				Summary:     "Show where the download store is and what it holds",
				Description: "Prints the folder of the content-addressed store that all runs of this user share, and what it holds.",
				Examples:    []example{{"Show the size of the store", progName + " cache info"}},
			},
			{
				Name:    "prune",
				Summary: "Remove what was not used for long from the download store",
				Description: "Removes sources that were not used for longer than --max-age, then those used longest ago until the rest fits into --max-size. " +
					"What was used within the last hour stays, so that this is safe beside other runs. Runs that download something keep to the same limits by themselves.",
				Examples: []example{
					{"Keep to the usual limits", progName + " cache prune"},
					{"Make it small", progName + " cache prune --max-size 500MiB"},
					{"See what a week would leave", progName + " cache prune --max-age 168h --dry-run"},
				},
				Flags: pruneFlags(),
			},
			{
				Name:        "verify",
				Summary:     "Check every file of the download store",
				Description: "Compares each file with its hash. What is damaged is removed, to be downloaded again when it is needed, and the exit status is 1.",
				Examples:    []example{{"Check all files", progName + " cache verify"}},
			},
		},
	}
}

func cleanCommand() *command {
	return &command{
		Name: "clean", Group: groupConfig,
		Summary: "Remove the caches of the units below this folder",
		Description: "Removes every .terragrunt-cache folder below the working folder; the next run makes them anew. " +
			"One that holds local state is kept and named, unless --with-state names it; one with a state that could not be saved (errored.tfstate) is always kept.",
		Examples: []example{
			{"See what would be removed", progName + " clean --dry-run"},
			{"Remove all caches below live/", progName + " clean --working-dir live"},
			{"Remove one with its local state too", progName + " clean --with-state live/dev/app"},
		},
		Flags: cleanFlags(),
	}
}
