package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func completed(line string) []string {
	var out []string
	for _, c := range complete(newTable(), line) {
		out = append(out, c.Word)
	}
	return out
}

func TestComplete(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line      string
		has, lack []string
	}{
		{"terrace ", []string{"run", "find", "fd", "plan", "completion"}, []string{"help", "docs", "version", "--all"}},
		{"terrace", []string{"run"}, nil},
		{"/usr/bin/terrace.exe f", []string{"find", "fd", "force-unlock"}, []string{"run"}},
		{"terrace st", []string{"state"}, []string{"find"}},
		{"terrace hcl ", []string{"format", "fmt", "validate"}, []string{"find"}},
		{"terrace --no-color hcl v", []string{"validate"}, []string{"format"}},
		{"terrace find --da", []string{"--dag"}, []string{"--json"}},
		{"terrace find --dag --da", nil, []string{"--dag"}},
		{"terrace find --filter a --fil", []string{"--filter", "--filter-affected"}, nil},
		{"terrace find -", []string{"--dag", "-j", "--as", "--log-level", "--help"}, []string{"--hidden", "--backend-provider"}},
		{"terrace plan --provider", []string{"--provider-cache"}, nil},
		{"terrace --log-format ", []string{"bare", "json"}, []string{"run"}},
		{"terrace --log-format j", []string{"json"}, []string{"bare"}},
		{"terrace --log-format=j", []string{"--log-format=json"}, []string{"--log-format=bare"}},
		{"terrace find --json=", []string{"--json=true", "--json=false"}, nil},
		{"terrace find --nothing=", nil, []string{"--json"}},
		{"terrace --experiment sy", []string{"symlinks"}, nil},
		{"terrace --strict-control bare", []string{"bare-include"}, []string{"apply-all"}},
		{"terrace --no-tip ", []string{"debugging-docs"}, nil},
		{"terrace --working-dir run ", []string{"find"}, nil},
		{"terrace --working-dir ", nil, []string{"find"}},
		{"terrace run ", []string{"plan", "workspace", "apply"}, []string{"find"}},
		{"terrace run --all -- w", []string{"workspace"}, nil},
		{"terrace run --all -- plan -", nil, []string{"--all"}},
		{"terrace run workspace ", []string{"select", "new"}, []string{"plan"}},
		{"terrace state ", []string{"list", "mv"}, []string{"plan"}},
		{"terrace state list ", nil, []string{"list", "plan"}},
		{"terrace completion ", []string{"bash", "fish"}, nil},
		{"terrace completion bash ", nil, []string{"bash"}},
		{"other ", nil, []string{"run"}},
		{"", nil, []string{"run"}},
	}
	for _, tt := range tests {
		got := completed(tt.line)
		for _, w := range tt.has {
			if !slices.Contains(got, w) {
				t.Errorf("%q: no %s in %v", tt.line, w, got)
			}
		}
		for _, w := range tt.lack {
			if slices.Contains(got, w) {
				t.Errorf("%q: %s in %v", tt.line, w, got)
			}
		}
		if tt.has == nil && len(got) > 0 {
			t.Errorf("%q: got %v", tt.line, got)
		}
	}
}

func TestCompletionLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		env  []string
		want string
		ok   bool
	}{
		{nil, "", false},
		{[]string{"COMP_LINE=terrace fi"}, "terrace fi", true},
		{[]string{"COMP_LINE=terrace fi --json", "COMP_POINT=10"}, "terrace fi", true},
		{[]string{"COMP_LINE=terrace fi", "COMP_POINT=99"}, "terrace fi", true},
		{[]string{"COMP_LINE=terrace fi", "COMP_POINT=x"}, "terrace fi", true},
	}
	for _, tt := range tests {
		got, ok := completionLine(newEnvironment(tt.env))
		check(t, strings.Join(tt.env, " "), got, tt.want)
		check(t, "asked", ok, tt.ok)
	}
}

func TestWriteCandidates(t *testing.T) {
	t.Parallel()
	list := []candidate{{"run", "Run it"}, {"x", ""}}
	var plain, described bytes.Buffer
	writeCandidates(&plain, list, false)
	writeCandidates(&described, list, true)
	check(t, "plain", plain.String(), "run\nx\n")
	check(t, "described", described.String(), "run\tRun it\nx\n")
}

func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for _, shell := range shells() {
		text, err := completionScript(shell)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, "terrace") || !strings.Contains(text, "COMP_LINE") || strings.Contains(text, "PROG") || strings.Contains(text, "DESCRIBE") {
			t.Errorf("%s:\n%s", shell, text)
		}
	}
	if _, err := completionScript("tcsh"); err == nil || !strings.Contains(err.Error(), "bash, zsh, fish, powershell") {
		t.Errorf("got %v", err)
	}
}

// The bash script is run in a real bash, with a function in the place of the
// program that answers what the program would.
func TestBashScript(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	script, _ := completionScript("bash")
	tests := []struct{ words, line, answer, want string }{
		{"terrace fi", "terrace fi", "find", "find"},
		{"terrace --log-format = j", "terrace --log-format=j", "--log-format=json", "json"},
		{"terrace --log-format =", "terrace --log-format=", `--log-format=json\n--log-format=bare`, "json bare"},
	}
	for _, tt := range tests {
		program := "terrace() { [ \"$COMP_LINE\" = '" + tt.line + "' ] && printf -- '" + tt.answer + "\\n'; }\n"
		cmd := exec.Command(bash, "--norc", "-c", script+program+
			"COMP_WORDBREAKS=$' \\t\\n=:'; COMP_WORDS=("+tt.words+"); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); COMP_LINE='"+tt.line+
			"'; COMP_POINT=${#COMP_LINE}; _terrace; echo \"${COMPREPLY[@]}\"")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		check(t, tt.line, strings.TrimSpace(string(out)), tt.want)
	}
}

func TestInstallCompletion(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	settings := filepath.Join(home, "settings")
	write := func(path, text string, mode os.FileMode) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	read := func(path string) string {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	write(filepath.Join(settings, "bashrc"), "alias x=y", 0o600)
	if err := os.Symlink(filepath.Join(settings, "bashrc"), filepath.Join(home, ".bashrc")); err != nil {
		t.Skip("no symbolic links:", err)
	}
	write(filepath.Join(home, ".profile"), "untouched\n", 0o644)
	write(filepath.Join(home, ".zshrc"), "", 0o644)
	if err := os.MkdirAll(filepath.Join(home, ".config", "fish"), 0o755); err != nil {
		t.Fatal(err)
	}
	files := func() []startFile { return startFiles(home, "", "/opt/my tools/terrace") }

	if err := uninstallCompletion(files()); err == nil {
		t.Error("nothing to uninstall, but no error")
	}
	if err := installCompletion(files()); err != nil {
		t.Fatal(err)
	}
	const line = "complete -o default -C '/opt/my tools/terrace' terrace\n"
	check(t, "bash", read(filepath.Join(home, ".bashrc")), "alias x=y\n"+line)
	check(t, "profile", read(filepath.Join(home, ".profile")), "untouched\n")
	check(t, "zsh", read(filepath.Join(home, ".zshrc")), "autoload -U +X bashcompinit && bashcompinit\n"+line)
	fish := filepath.Join(home, ".config", "fish", "completions", "terrace.fish")
	script, _ := completionScript("fish")
	check(t, "fish", read(fish), script)
	if info, err := os.Lstat(filepath.Join(home, ".bashrc")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if info, err := os.Stat(filepath.Join(home, ".bashrc")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: %v", info.Mode())
	}

	if err := installCompletion(files()); err == nil || !strings.Contains(err.Error(), "already installed") {
		t.Errorf("second time: %v", err)
	}
	if err := uninstallCompletion(files()); err != nil {
		t.Fatal(err)
	}
	check(t, "bash after", read(filepath.Join(home, ".bashrc")), "alias x=y\n")
	if isFile(fish) {
		t.Error("fish file is still there")
	}
	if err := installCompletion(startFiles(t.TempDir(), "", "/x")); err == nil {
		t.Error("no start file, but no error")
	}
}
