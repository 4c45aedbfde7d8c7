package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestAppHelp(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	writeAppHelp(&b, newTable())
	text := b.String()
	last := -1
	for _, want := range []string{
		"Usage: terrace [global options]", "\nMain:\n   backend ", "\n   promote ", "\n   run ", "\nEnvironments:\n   bundle ", "\nDiscovery:\n", "\n   find, fd  Find ",
		"\nConfiguration:\n", "\nOpenTofu shortcuts:\n   apply ", "\n   validate ", "\nGlobal Options:\n",
		"\n   --help, -h ", "\n   --log-level level ", "(default: info) [$TG_LOG_LEVEL]\n", "\n   --working-dir dir ",
	} {
		i := strings.Index(text, want)
		if i <= last {
			t.Errorf("%q missing or out of order in:\n%s", want, text)
		}
		last = i
	}
	for _, hidden := range []string{"   docs ", "autocomplete", "   help "} {
		if strings.Contains(text, hidden) {
			t.Errorf("%q is shown", hidden)
		}
	}
}

func TestCommandHelp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path          string
		wants, absent []string
	}{
		{"find", []string{"Usage: terrace find [options]\n", "\nExamples:\n   # ", "\n   terrace find\n", "\nOptions:\n", "\n   --dag ",
			"\n   --format name ", "One of: text, json. (default: text) [$TG_FORMAT]\n", "\n   --json, -j ", "\nGlobal Options:\n"},
			[]string{"--hidden ", "--external", "\nCommands:\n"}},
		{"list", []string{"[$TG_LIST_FORMAT]", "[$TG_FILTER]"}, []string{"[$TG_FORMAT]"}},
		{"hcl", []string{"Usage: terrace hcl <command> [options]\n", "\nCommands:\n   format, fmt  Format", "\n   validate "}, []string{"\nOptions:\n", "Examples"}},
		{"hcl format", []string{"Usage: terrace hcl format [options]\n", "[$TG_CHECK]"}, nil},
		{"run", []string{"Usage: terrace run [options] [--] <command> [arguments]\n", "\nCommands:\n   apply ", "\n   workspace ", "\n   --all, -a ", "\n   --graph "}, []string{"--queue-include-dir"}},
		{"plan", []string{"Usage: terrace plan [options] [arguments]\n"}, nil},
		{"info strict list", []string{"Usage: terrace info strict list [options] [name]\n", "[$TG_INFO_STRICT_LIST_ALL]"}, nil},
		{"completion", []string{"Usage: terrace completion bash|zsh|fish|powershell\n"}, []string{"\nOptions:\n"}},
	}
	tab := newTable()
	for _, tt := range tests {
		w, err := split(tab, strings.Fields(tt.path))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		writeCommandHelp(&b, tab, w.Command)
		for _, want := range tt.wants {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %q in:\n%s", tt.path, want, b.String())
			}
		}
		for _, absent := range tt.absent {
			if strings.Contains(b.String(), absent) {
				t.Errorf("%s: %q in:\n%s", tt.path, absent, b.String())
			}
		}
	}
}

func TestOptionsAreSorted(t *testing.T) {
	t.Parallel()
	tab := newTable()
	tab.walk(func(c *command) {
		last := ""
		for _, f := range options(c, c.Flags) {
			if name := f.Names()[0]; name <= last {
				t.Errorf("%s: %s after %s", c.Path(), name, last)
			} else {
				last = name
			}
		}
	})
}

func TestTrimTofuHelp(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"Usage: terraform plan [options]\n\n  Generates\n\nUsage: x\n", "  Generates\n\nUsage: x\n"},
		{"\n\nusage: tofu\n\nA\n", "A\n"}, {"A\n", "A\n"}, {"", ""}, {"\n", ""},
	}
	for _, tt := range tests {
		check(t, tt.in, string(trimTofuHelp([]byte(tt.in))), tt.want)
	}
}
