package cli

import "slices"

func rescueCommand() *command {
	return &command{
		Name: "rescue", Group: groupMain,
		Summary: "Push states that a backend did not take",
		Description: "Finds every state below the working folder that the wrapped binary could not save (errored.tfstate, " +
			"and the copies in .terrace/rescue), compares lineage and serial with those of the backend, pushes the state and " +
			"removes the files. A state that is not newer than the backend's is left alone, and both are shown.",
		Examples: []example{
			{"See what was not saved", "terrace rescue --list"},
			{"Save all of it", "terrace rescue"},
		},
		Flags: slices.Concat([]*flagDef{{Name: "list", Env: envOwn, Help: "List the states and push nothing."}},
			unitFlags(), sourceFlags(), tofuFlags(), authFlags(), guardFlags()),
	}
}

func locksCommand() *command {
	return &command{
		Name: "locks", Group: groupMain, Words: wordsLoose,
		Args:    "[release <unit> <lock ID>]",
		Summary: "Show who holds locks on states, or release one",
		Description: "Lists the locks held on the states of the units below the working folder, where the backend can be asked. " +
			"With release, removes one of a unit after asking.",
		Examples: []example{
			{"Who is at work?", "terrace locks"},
			{"Release a lock that was left behind", "terrace locks release vpc 6d7c1b2e-0f0e-3c3b-8f3c-0d6f3a1b2c4d"},
		},
		Flags: slices.Concat(unitFlags(), sourceFlags(), tofuFlags(), authFlags(), filterFlags(), guardFlags()),
	}
}
