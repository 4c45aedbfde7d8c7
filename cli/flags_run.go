package cli

import "slices"

// runFlags are shared by `run`, the shortcuts, `render` and `info print`.
// Those of runs alone are left to graphFlags.
func runFlags() []*flagDef {
	return slices.Concat(queueFlags(), planFlags(), unitFlags(), sourceFlags(), tofuFlags(),
		authFlags(), backendFlags(), providerCacheFlags(), reportFlags(), engineFlags(),
		filterFlags(), queueAliasFlags())
}

func queueFlags() []*flagDef {
	return []*flagDef{
		allFlag(),
		parallelismFlag(),
		{Name: "fail-fast", Help: "After a failure start no further unit."},
		{Name: "queue-ignore-errors", Help: "Run the units that depend on a failed unit too."},
		{Name: "queue-ignore-dag-order", Help: "Run all units at once, in no order."},
		{Name: "no-auto-approve", Help: "Do not add -auto-approve; units then run one by one."},
		{Name: "no-stack-generate", Help: "Do not generate stacks before a queue run."},
	}
}

func allFlag() *flagDef {
	return &flagDef{Name: "all", Aliases: []string{"a"}, Help: "Run on every unit below the working folder."}
}

func parallelismFlag() *flagDef {
	return &flagDef{Name: "parallelism", Kind: kindCount, Value: "n", Help: "Units in flight at once. Two for each core unless given, at most one for each half gigabyte of memory."}
}

// graphFlags are for what runs, not for what only shows.
func graphFlags() []*flagDef {
	return append(guardFlags(), []*flagDef{
		{Name: "graph", Help: "Run on this unit and on all units that depend on it."},
		{Name: "resume", Help: "Run only what failed or was not reached in the last run of this command in this folder, and what depends on it."},
		{Name: "graph-root", Kind: kindPath, Value: "dir", Help: "Where --graph looks for dependents. The top of the git repository unless given."},
	}...)
}

func planFlags() []*flagDef {
	return []*flagDef{
		{Name: "out-dir", Kind: kindPath, Value: "dir", Help: "Keep the plan of each unit of a queue in this folder, and apply from it."},
		{Name: "json-out-dir", Kind: kindPath, Value: "dir", Help: "Keep the plan of each unit of a queue as JSON in this folder."},
	}
}

func unitFlags() []*flagDef {
	return []*flagDef{
		{Name: "config", Kind: kindPath, Value: "file", Help: "Unit file to use instead of terragrunt.hcl."},
		{Name: "download-dir", Kind: kindPath, Value: "dir", Help: "Where sources are downloaded. .terragrunt-cache beside the unit unless given."},
		tfPathFlag(),
		featureFlag(),
		{Name: "inputs-debug", Help: "Write the inputs to terragrunt-debug.tfvars.json beside the unit file."},
		{Name: "use-partial-parse-config-cache", Help: "Accepted for compatibility: each file is parsed once in any case."},
		{Name: "version-manager-file-name", Kind: kindList, Value: "file", Default: ".terraform-version,.tool-versions,mise.toml,.mise.toml", Help: "Files that choose the version of the wrapped binary. Repeat for more."},
	}
}

func tfPathFlag() *flagDef {
	return &flagDef{Name: "tf-path", Kind: kindPath, Value: "file", Help: "Wrapped binary. tofu, else terraform, unless given."}
}

func featureFlag() *flagDef {
	return &flagDef{Name: "feature", Kind: kindMap, Value: "key=value", Help: "Value of a feature block. Repeat for more."}
}

func sourceFlags() []*flagDef {
	return []*flagDef{
		{Name: "source", Kind: kindString, Value: "url", Help: "Module source to use instead of the configured one."},
		{Name: "source-map", Kind: kindMap, Value: "old=new", Help: "Replace the start of module sources. Repeat for more."},
		{Name: "source-update", Help: "Delete the downloaded source first, but no state in it."},
		{Name: "no-cas", Help: "Do not use the content-addressed download store."},
		{Name: "cas-clone-depth", Kind: kindInt, Value: "n", Default: "1", Help: "Depth of git clones for the download store; -1 fetches everything."},
	}
}

func tofuFlags() []*flagDef {
	return []*flagDef{
		{Name: "no-auto-init", Help: "Do not run init when it is needed."},
		{Name: "no-auto-retry", Help: "Ignore the retry rules of the configuration."},
		{Name: "tf-forward-stdout", Help: "Pass output of the wrapped binary on as it is, without log decoration."},
		{Name: "no-hooks", Help: "Run no hooks."},
		{Name: "no-dependency-outputs", Help: "Do not read the outputs of dependencies."},
		{Name: "dependency-fetch-output-from-state", Help: "Read outputs of dependencies from the stored state where possible."},
		{Name: "no-dependency-fetch-output-from-state", Hidden: true, Help: "Read outputs of dependencies through the wrapped binary."},
		{Name: "destroy-dependencies-check", Help: "Before a single destroy, ask when other units depend on this one."},
		{Name: "no-destroy-dependencies-check", Hidden: true, Help: "Has no effect: not checking is the default.",
			Retired: &retirement{Control: "no-destroy-dependencies-check", Advice: "It has no effect, not checking is the default."}},
		{Name: "disable-command-validation", Hidden: true, Help: "Has no effect: commands are not validated.",
			Retired: &retirement{Control: "disable-command-validation", Advice: "It has no effect, commands are not validated."}},
		{Name: "no-auto-provider-cache-dir", Help: "Do not set TF_PLUGIN_CACHE_DIR for OpenTofu 1.10 and newer."},
	}
}

func authFlags() []*flagDef {
	return []*flagDef{
		{Name: "auth-provider-cmd", Kind: kindString, Value: "command", Help: "Program that prints credentials as JSON, run before configuration is read."},
		{Name: "no-discovery-auth-provider-cmd", Help: "Do not run --auth-provider-cmd while units are looked for."},
		{Name: "iam-assume-role", Kind: kindString, Value: "arn", Help: "AWS role to assume."},
		{Name: "iam-assume-role-duration", Kind: kindInt, Value: "seconds", Help: "Duration of the assumed role's session."},
		{Name: "iam-assume-role-session-name", Kind: kindString, Value: "name", Help: "Name of the assumed role's session."},
		{Name: "iam-assume-role-web-identity-token", Kind: kindString, Value: "token", Help: "Web identity token, or a file with one, to assume the role with."},
	}
}

// backendFlags are accepted by listings too, which never touch a backend, so
// that variables set for runs do no harm.
func backendFlags() []*flagDef {
	return []*flagDef{
		{Name: "backend-bootstrap", Help: "Create the state backend when it does not exist."},
		{Name: "backend-require-bootstrap", Help: "Fail when the state backend would have to be created."},
		{Name: "disable-bucket-update", Help: "Never update a state bucket that exists."},
	}
}

func providerCacheFlags() []*flagDef {
	return []*flagDef{
		{Name: "provider-cache", Help: "Download each provider once for all units, through a server of this run."},
		{Name: "provider-cache-dir", Kind: kindPath, Value: "dir", Help: "Where providers are shared. terragrunt/providers in the user's cache folder unless given."},
		{Name: "provider-cache-hostname", Kind: kindString, Value: "name", Default: "localhost", Help: "Name the provider cache listens on."},
		{Name: "provider-cache-port", Kind: kindInt, Value: "n", Help: "Port the provider cache listens on. A free one unless given."},
		{Name: "provider-cache-token", Kind: kindString, Value: "token", Help: "Token that the provider cache asks for. Random unless given."},
		{Name: "provider-cache-registry-names", Kind: kindList, Value: "name", Help: "Registries to cache. The public one of the binary unless given. Repeat for more."},
	}
}

func reportFlags() []*flagDef {
	return []*flagDef{
		{Name: "summary-disable", Help: "Show no summary after a queue run."},
		{Name: "summary-per-unit", Help: "Show the duration of each unit and of its steps in the summary, and the critical path."},
		{Name: "report-file", Kind: kindPath, Value: "file", Help: "Write a report of the run to this file."},
		{Name: "report-format", Kind: kindString, Value: "name", Choices: []string{"csv", "json", "junit"}, Help: "Format of the report. Chosen by the file's extension unless given."},
		{Name: "timings-file", Kind: kindPath, Value: "file", Help: "Write the duration of each unit's steps and the critical path of the run to this file, as JSON."},
		{Name: "report-schema-file", Kind: kindPath, Value: "file", Help: "Write the JSON Schema of the report to this file."},
	}
}

const noEngines = "there are no plugin engines; leave it out, and the binary is run directly"

func engineFlags() []*flagDef {
	return []*flagDef{
		{Name: "experimental-engine", Hidden: true, Unsupported: noEngines, Help: "Run units through plugin engines."},
		{Name: "engine-cache-path", Kind: kindPath, Value: "dir", Hidden: true, Unsupported: noEngines, Help: "Where engines are kept."},
		{Name: "engine-skip-check", Hidden: true, Unsupported: noEngines, Help: "Do not check the checksums of engines."},
		{Name: "engine-log-level", Kind: kindString, Value: "level", Hidden: true, Unsupported: noEngines, Help: "Log level of engines."},
		{Name: "no-engine", Hidden: true, Help: "Do not use engines."},
	}
}
