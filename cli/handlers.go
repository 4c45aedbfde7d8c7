package cli

import "maps"

// handlers says which function runs which command, by the command's key.
func handlers() map[string]handler {
	all := wordHandlers()
	maps.Copy(all, map[string]handler{
		"run":       runTofu,
		"render":    runRender,
		tofuHelpKey: tofuHelp,
	})
	return all
}
