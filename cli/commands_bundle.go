package cli

import "slices"

// bundleCommand is the group of commands about reviewed plans.
func bundleCommand() *command {
	return &command{
		Name: "bundle", Group: groupLive,
		Summary: "Plan many units, have the plans reviewed, apply exactly those",
		Subs:    []*command{bundleCreateCommand(), bundleShowCommand(), bundleApproveCommand(), bundleApplyCommand()},
	}
}

func bundleCreateCommand() *command {
	return &command{
		Name: "create", Args: "<dir>",
		Summary: "Plan units into a bundle",
		Description: "Plans the units below the working folder in the order of their dependencies and writes the plans, " +
			"pages to review and a manifest of every byte into a new folder. Units are planned with what the plans before them know of their outputs.",
		Examples: []example{
			{"Plan all units of an environment", "terrace bundle create --working-dir prod /tmp/prod.bundle"},
			{"Plan what a change touches, readable only by the CI job that applies", "terrace bundle create --filter-affected --encrypt-to age1... /tmp/prod.bundle"},
		},
		Flags: slices.Concat([]*flagDef{
			{Name: "encrypt-to", Kind: kindList, Value: "recipient", Env: envOwn, Help: "Encrypt plans to this age recipient, or to those in a file. Repeat for more."},
			{Name: "expires", Kind: kindString, Value: "time", Default: "24h", Env: envOwn, Help: "How long the bundle may be applied, such as 36h."},
			{Name: "since", Kind: kindString, Value: "commit", Env: envOwn, Help: "Commit of the environment's bundle before this one: who wrote what came later cannot approve. Known where that one was applied from here."},
		}, bundleKeyFlags(), bundlePushFlags(), []*flagDef{parallelismFlag(), {Name: "no-stack-generate", Help: "Do not generate stacks first."}},
			unitFlags(), sourceFlags(), tofuFlags(), authFlags(), filterFlags(), queueAliasFlags()),
	}
}

func bundleShowCommand() *command {
	return &command{
		Name: "show", Args: "<dir>",
		Summary:     "Show what a bundle would do, the riskiest first",
		Description: "Prints the page of a bundle, or of the round that waits. Every file of the bundle is checked against its manifest first.",
		Examples: []example{
			{"Review a bundle", "terrace bundle show /tmp/prod.bundle"},
			{"Make a comment of it", "terrace bundle show --format markdown /tmp/prod.bundle >comment.md"},
		},
		Flags: []*flagDef{
			{Name: "format", Kind: kindString, Value: "name", Default: "text", Choices: []string{"text", "markdown", "json"}, Env: envOwn, Help: "How to show it."},
			{Name: "max-bytes", Kind: kindInt, Value: "n", Default: "65000", Env: envOwn, Help: "Fold detail until the Markdown page is no larger than this."},
		},
	}
}

func bundleApproveCommand() *command {
	return &command{
		Name: "approve", Args: "<dir>",
		Summary: "Review a bundle and sign it",
		Description: "Shows the page of a bundle, or of the round that waits, asks, and signs the manifest with an SSH key, " +
			"as ssh-keygen -Y sign -n terrace-bundle@v1 would.",
		Examples: []example{
			{"Approve with the key that git signs with, one of the ssh-agent, or ~/.ssh/id_ed25519", "terrace bundle approve /tmp/prod.bundle"},
			{"Approve with another key", "terrace bundle approve --key ~/.ssh/work /tmp/prod.bundle"},
		},
		Flags: slices.Concat(bundleKeyFlags(), bundlePushFlags()),
	}
}

func bundleApplyCommand() *command {
	return &command{
		Name: "apply", Args: "<dir>",
		Summary: "Apply exactly what was reviewed",
		Description: "Checks the bundle, its approvals, and for every unit files, state, providers and binary; then applies the plans, wave by wave. " +
			"Exit status 3 means that a person has to be asked: what it is about is in the bundle as a further round. " +
			"Whatever stops it, the same command goes on where it was.",
		Examples: []example{
			{"Apply a bundle", "terrace bundle apply /tmp/prod.bundle"},
			{"Apply one that is encrypted", "terrace bundle apply --identity key.txt /tmp/prod.bundle"},
		},
		Flags: slices.Concat([]*flagDef{
			{Name: "identity", Kind: kindList, Value: "file", Env: envOwn, Help: "File with the age identity that opens the bundle. Repeat for more."},
		}, bundleKeyFlags(), bundlePushFlags(), guardFlags(), []*flagDef{parallelismFlag()}, unitFlags(), sourceFlags(), tofuFlags(), authFlags()),
	}
}

func bundleKeyFlags() []*flagDef {
	return []*flagDef{{Name: "key", Kind: kindPath, Value: "file", Env: envOwn, Help: "SSH key to sign with: a private key, or a public one that the ssh-agent has. The key that git signs with, one of the ssh-agent, or one of the usual files unless given."}}
}

func bundlePushFlags() []*flagDef {
	return []*flagDef{{Name: "push", Env: envOwn, Help: "Keep the bundle, its approvals and its journal at the remote too, below refs/terrace/bundles. It must be encrypted."}}
}
