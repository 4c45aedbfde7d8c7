package cli

// globalFlags may stand before or after any command.
func globalFlags() []*flagDef {
	return []*flagDef{
		{Name: "working-dir", Kind: kindPath, Value: "dir", Help: "Work in this folder instead of the current one."},
		{Name: "log-level", Kind: kindString, Value: "level", Default: "info", Choices: logLevels(), Help: "Least important kind of log line to show."},
		{Name: "log-format", Kind: kindString, Value: "name", Default: "pretty", Choices: []string{"pretty", "bare", "key-value", "json"}, Help: "Shape of log lines."},
		{Name: "log-custom-format", Kind: kindString, Value: "format", Help: "Shape of log lines, spelled out; wins over --log-format."},
		{Name: "log-disable", Help: "Show no log lines; output of the wrapped binary is passed on as it is."},
		{Name: "log-show-abs-paths", Help: "Show absolute paths in log lines."},
		{Name: "no-color", Repeat: true, Help: "Use no colour. A non-empty NO_COLOR does the same."},
		{Name: "non-interactive", Help: "Answer every prompt with yes."},
		{Name: "experiment", Kind: kindList, Value: "name", Help: "Turn on an experiment. Repeat for more."},
		{Name: "experiment-mode", Help: "Turn on all experiments."},
		{Name: "strict-control", Kind: kindList, Value: "name", Help: "Make a kind of deprecated use an error. Repeat for more."},
		{Name: "strict-mode", Help: "Make every deprecated use an error."},
		{Name: "no-tips", Help: "Show no tips."},
		{Name: "no-tip", Kind: kindList, Value: "name", Help: "Do not show this tip. Repeat for more."},
		{Name: "profile-cpu", Kind: kindPath, Value: "file", Help: "Write a CPU profile of the program to this file."},
		{Name: "profile-mem", Kind: kindPath, Value: "file", Help: "Write a heap profile of the program to this file."},
		{Name: "profile-goroutine", Kind: kindPath, Value: "file", Help: "Write a goroutine profile of the program to this file."},
		{Name: "profile-dir", Kind: kindPath, Value: "dir", Help: "Write all three profiles into this folder."},
		{Name: "help", Aliases: []string{"h"}, Env: envNone, Repeat: true, Help: "Show help."},
		{Name: "version", Aliases: []string{"v"}, Env: envNone, Repeat: true, Help: "Show the version."},
		{Name: "install-autocomplete", Env: envNone, Hidden: true, Help: "Add completion to the start files of your shells."},
		{Name: "uninstall-autocomplete", Env: envNone, Hidden: true, Help: "Remove completion from the start files of your shells."},
	}
}

// logLevels lists the levels, least verbose first.
func logLevels() []string {
	return []string{"stderr", "stdout", "error", "warn", "info", "debug", "trace"}
}
