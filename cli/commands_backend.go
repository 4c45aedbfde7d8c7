package cli

import "slices"

func backendCommand() *command {
	return &command{
		Name: "backend", Group: groupMain,
		Summary: "Make, move and clear what keeps states",
		Subs: []*command{
			{
				Name:    "bootstrap",
				Summary: "Create or update the backend of a unit",
				Description: "Creates what the remote_state of the unit in the working folder names and is missing, such as a bucket and a lock table, " +
					"and mends what differs. Each change is asked for, unless --non-interactive is given. With --all, does so for all units below the working folder.",
				Examples: []example{
					{"Make the backend of this unit", "terrace backend bootstrap"},
					{"Make those of all units, without questions", "terrace backend bootstrap --all --non-interactive"},
					{"Create what is missing, but change no bucket that exists", "terrace backend bootstrap --disable-bucket-update"},
				},
				Flags: slices.Concat(backendAllFlags(), backendCommonFlags(), backendFlags(), guardFlags()),
			},
			{
				Name:    "delete",
				Summary: "Delete the stored state of a unit",
				Description: "Deletes the state of the unit in the working folder from its backend, after asking and while it holds the state's lock. " +
					"Refuses where the backend keeps no older versions, unless --force is given. What the unit has made stays, and no state tells of it any more.",
				Examples: []example{
					{"Delete the state of this unit", "terrace backend delete"},
					{"Also where that cannot be undone", "terrace backend delete --force"},
				},
				Flags: slices.Concat([]*flagDef{forceFlag("Delete also where no older version would be left."),
					{Name: "bucket", Hidden: true, Help: "Not supported: delete buckets with the tools of your cloud."}}, backendAllFlags(), backendCommonFlags(), guardFlags()),
			},
			{
				Name: "migrate", Args: "<source unit> <destination unit>",
				Summary: "Move a state from the backend of one unit to that of another",
				Description: "Moves the stored state of the first unit to where the second one keeps its own, and never over a state that is there. " +
					"Between backends of the same type it holds both locks, copies, compares and then deletes the source. Otherwise it reads with state pull and writes with state push, and the source is kept.",
				Examples: []example{
					{"Follow a folder that was renamed", "terrace backend migrate old/vpc vpc"},
					{"Also from a bucket without versions", "terrace backend migrate --force old/vpc vpc"},
				},
				Flags: slices.Concat([]*flagDef{forceFlag("Migrate also from a bucket that keeps no versions.")}, backendCommonFlags(), backendFlags(), guardFlags()),
			},
		},
	}
}

func forceFlag(help string) *flagDef { return &flagDef{Name: "force", Env: envOwn, Help: help} }

func backendAllFlags() []*flagDef {
	return []*flagDef{allFlag(), {Name: "fail-fast", Help: "After a failure look at no further unit."}}
}

func backendCommonFlags() []*flagDef {
	return slices.Concat(unitFlags(), sourceFlags(), tofuFlags(), authFlags(), filterFlags())
}
