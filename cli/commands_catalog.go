package cli

import "slices"

func catalogCommand() *command {
	return &command{
		Name: "catalog", Group: groupCatalog, Args: "[repository]",
		Summary: "Browse the modules, units, stacks and templates of repositories",
		Description: "Shows what the repositories of the catalog block offer, and those that units below the working folder take their sources from; with an address, only that repository. " +
			"In the terminal: / filters, enter shows the README, s fills in a form and writes a unit, q ends. " +
			"With --format jsonl or md, the components are printed as they are found.",
		Examples: []example{
			{"Browse the repositories of the catalog block", progName + " catalog"},
			{"Browse one repository", progName + " catalog github.com/acme/modules"},
			{"List the modules of a clone for a script", progName + " catalog --format jsonl ../modules | jq -r 'select(.kind == \"module\").component_source'"},
			{"Write the catalog down as a page", progName + " catalog --format md >CATALOG.md"},
		},
		Flags: slices.Concat([]*flagDef{
			{Name: "format", Kind: kindString, Value: "name", Default: "tui", Choices: []string{"tui", "jsonl", "md"}, Env: envOwn, Help: "Browse in the terminal, or print JSON lines or Markdown."},
			{Name: "ignore-file", Kind: kindPath, Value: "file", Help: "Leave out the folders that this file names, besides those that repositories leave out themselves."},
		}, scaffoldFlags()),
	}
}

func scaffoldCommand() *command {
	return &command{
		Name: "scaffold", Group: groupCatalog, Args: "<source> [template]",
		Summary: "Write a unit that uses a module, or copy a unit or stack",
		Description: "Writes terragrunt.hcl for a module, pinned to the newest release of its repository, with an input for each variable of the module. " +
			"A template (the second word, .boilerplate in the module, or that of the catalog block) is rendered instead where there is one. " +
			"A unit or stack is copied as it is, with a file for the values that it reads, and never over existing files. On a terminal, a form asks for the values first.",
		Examples: []example{
			{"Write a unit for a module, into this folder", progName + " scaffold github.com/acme/modules//vpc"},
			{"Choose the version and the folder", progName + " scaffold github.com/acme/modules//vpc --var Ref=v1.4.0 --output-folder live/dev/vpc"},
			{"Fill in an input without the form", progName + " scaffold ../modules//vpc --var cidr=10.0.0.0/16 --non-interactive"},
			{"Use a template of your own", progName + " scaffold github.com/acme/modules//vpc ../templates/unit --var-file unit.yml"},
		},
		Flags: slices.Concat([]*flagDef{
			{Name: "output-folder", Kind: kindPath, Value: "dir", Env: envNone, Help: "Write here instead of into the working folder."},
			{Name: "var", Kind: kindMap, Value: "name=value", Help: "Set a variable of the template, or an input of the module. Repeat for more."},
			{Name: "var-file", Kind: kindList, Value: "file", Help: "Set variables from a file of YAML, JSON or HCL; --var wins. Repeat for more."},
		}, scaffoldFlags()),
	}
}

// scaffoldFlags are those of both commands: what is browsed can be scaffolded.
func scaffoldFlags() []*flagDef {
	return []*flagDef{
		{Name: "root-file-name", Kind: kindString, Value: "name", Help: "File that new units include (default: root.hcl where there is one above, else terragrunt.hcl)."},
		{Name: "no-include-root", Help: "Do not include a root file in new units."},
		{Name: "no-shell", Help: "Templates may not run commands."},
		{Name: "no-hooks", Help: "Templates may not run hooks."},
		{Name: "no-dependency-prompt", Help: "Render the templates that a template builds on without asking."},
		{Name: "no-cas", Help: "Do not use the content-addressed download store."},
		{Name: "cas-clone-depth", Kind: kindInt, Value: "n", Default: "1", Help: "Depth of git clones for the download store; -1 fetches everything."},
	}
}

// scaffoldOptions are the flags of both commands.
type scaffoldOptions struct {
	RootFile                             string // "" to find out
	NoIncludeRoot                        bool
	NoShell, NoHooks, NoDependencyPrompt bool
	Output                               string // absolute
	Vars                                 map[string]string
	VarFiles                             []string // absolute
}

func newScaffoldOptions(inv *invocation) scaffoldOptions {
	v, dir := inv.Values, inv.Global.WorkingDir
	o := scaffoldOptions{
		RootFile: v.String("root-file-name"), NoIncludeRoot: v.Bool("no-include-root"),
		NoShell: v.Bool("no-shell"), NoHooks: v.Bool("no-hooks"), NoDependencyPrompt: v.Bool("no-dependency-prompt"),
		Output: absoluteIfSet(dir, v.String("output-folder")), Vars: v.Map("var"),
	}
	for _, f := range v.List("var-file") {
		o.VarFiles = append(o.VarFiles, absoluteIfSet(dir, f))
	}
	if o.Output == "" {
		o.Output = dir
	}
	return o
}
