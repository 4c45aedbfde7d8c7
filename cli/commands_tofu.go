package cli

import "slices"

// tofuCommand is a command of the wrapped binary, as far as help and
// completion need to know it. Words not listed are passed on all the same.
type tofuCommand struct {
	Name     string
	Summary  string
	Shortcut bool // also a command of ours
}

func tofuCommands() []tofuCommand {
	return []tofuCommand{
		{Name: "apply", Summary: "Create or update infrastructure", Shortcut: true},
		{Name: "console", Summary: "Try expressions at a prompt"},
		{Name: "destroy", Summary: "Destroy infrastructure", Shortcut: true},
		{Name: "env", Summary: "Older name of workspace"},
		{Name: "fmt", Summary: "Format module files"},
		{Name: "force-unlock", Summary: "Release a stuck lock of the state", Shortcut: true},
		{Name: "get", Summary: "Download modules"},
		{Name: "graph", Summary: "Print the resource graph"},
		{Name: "import", Summary: "Bring existing infrastructure into the state", Shortcut: true},
		{Name: "init", Summary: "Prepare the working directory", Shortcut: true},
		{Name: "login", Summary: "Save credentials of a remote host"},
		{Name: "logout", Summary: "Remove credentials of a remote host"},
		{Name: "metadata", Summary: "Show metadata"},
		{Name: "output", Summary: "Show outputs", Shortcut: true},
		{Name: "plan", Summary: "Show the changes that are needed", Shortcut: true},
		{Name: "providers", Summary: "Show the providers in use"},
		{Name: "push", Summary: "Upload the configuration"},
		{Name: "query", Summary: "Search for infrastructure"},
		{Name: "refresh", Summary: "Update the state to match infrastructure", Shortcut: true},
		{Name: "show", Summary: "Show the state or a saved plan", Shortcut: true},
		{Name: "state", Summary: "Change the state", Shortcut: true},
		{Name: "taint", Summary: "Mark an object as damaged"},
		{Name: "test", Summary: "Run the tests of a module", Shortcut: true},
		{Name: "untaint", Summary: "Remove the mark of a damaged object"},
		{Name: "validate", Summary: "Check the module", Shortcut: true},
		{Name: "version", Summary: "Show the version of the wrapped binary"},
		{Name: "workspace", Summary: "Manage workspaces"},
	}
}

func findTofu(name string) (tofuCommand, bool) {
	all := tofuCommands()
	i := slices.IndexFunc(all, func(c tofuCommand) bool { return c.Name == name })
	if i < 0 {
		return tofuCommand{}, false
	}
	return all[i], true
}

// shortcuts are commands of the wrapped binary that need no `run`.
func shortcuts() []*command {
	flags := slices.Concat(runFlags(), graphFlags())
	var out []*command
	for _, w := range tofuCommands() {
		if w.Shortcut {
			out = append(out, shortcut(w, flags))
		}
	}
	return out
}

func shortcut(w tofuCommand, flags []*flagDef) *command {
	return &command{
		Name: w.Name, Group: groupShortcuts, Words: wordsShortcut, Handler: "run",
		Args:    "[arguments]",
		Summary: w.Summary,
		Description: "Same as `" + progName + " run " + w.Name + "`. " +
			"Flags that are not listed here are passed on to the wrapped binary.",
		Examples: []example{
			{"Run on the unit in this folder", progName + " " + w.Name},
			{"Run on all units below", progName + " " + w.Name + " --all"},
		},
		Flags: flags,
	}
}
