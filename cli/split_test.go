package cli

import (
	"slices"
	"strings"
	"testing"
)

// flagWords shows our flags of a split as "name=text".
func flagWords(w words) string {
	var out []string
	for _, f := range w.Flags {
		out = append(out, f.Def.Name+"="+settingText(f))
	}
	return strings.Join(out, " ")
}

func commandPath(w words) string {
	if w.Command == nil {
		return ""
	}
	return w.Command.Path()
}

func TestSplit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, line           string // words are separated by one space; ε is an empty word
		command, flags, args string
		tf                   string
	}{
		{"nothing", "", "", "", "", ""},
		{"global flag before", "--working-dir live find", "find", "working-dir=live", "", ""},
		{"global flag after", "find --working-dir=live", "find", "working-dir=live", "", ""},
		{"one dash, space", "-working-dir live find", "find", "working-dir=live", "", ""},
		{"one dash, equals", "find -working-dir=live", "find", "working-dir=live", "", ""},
		{"flag between group and command", "hcl --no-color fmt --check", "hcl format", "no-color=true check=true", "", ""},
		{"bool takes no word", "find --json true", "find", "json=true", "true", ""},
		{"bool with text", "find --json=false", "find", "json=false", "", ""},
		{"alias of command and flag", "ls -l -T", "list", "long=true tree=true", "", ""},
		{"extra words", "find a b", "find", "", "a b", ""},
		{"value that looks like a flag", "run --all --parallelism -1 -- plan", "run", "all=true parallelism=-1", "", "plan"},
		{"value with equals", "render --feature x=a=b", "render", "feature=x=a=b", "", ""},
		{"empty value", "find --filter= --filter ε", "find", "filter= filter=", "", ""},
		{"empty words", "ε run ε plan ε", "run", "", "", "plan"},

		{"run", "run plan", "run", "", "", "plan"},
		{"run dashed", "run -- plan", "run", "", "", "plan"},
		{"run flags before", "run --all --fail-fast apply", "run", "all=true fail-fast=true", "", "apply"},
		{"run flags after", "run plan --all", "run", "all=true", "", "plan"},
		{"run flags around dashes", "run --all plan -- -lock=false", "run", "all=true", "", "plan -lock=false"},
		{"run passes flags after the word", "run --all plan -out=x -compact-warnings", "run", "all=true", "", "plan -out=x -compact-warnings"},
		{"run unknown word", "run -- newcommand word", "run", "", "", "newcommand word"},
		{"dashed names of ours", "run -- plan -parallelism=5 --all -a", "run", "", "", "plan -parallelism=5 -all -a"},
		{"dashed double dash flag", "run --log-level error -- plan --refresh-only", "run", "log-level=error", "", "plan -refresh-only"},
		{"only first double dash", "run -- state mv -- a b", "run", "", "", "state mv -- a b"},
		{"no rewriting behind the second", "run -- x -- --y", "run", "", "", "x -- --y"},
		{"no rewriting of flag texts", "run -- plan -var --x=1", "run", "", "", "plan -var --x=1"},
		{"empty word behind dashes", "run -- output ε", "run", "", "", "output ε"},
		{"help behind dashes", "run -- plan --help", "run", "", "", "plan -help"},

		{"shortcut", "plan", "plan", "", "", "plan"},
		{"shortcut unknown flags", "plan -out=x.plan -compact-warnings", "plan", "", "", "plan -out=x.plan -compact-warnings"},
		{"shortcut unknown", "apply -foo", "apply", "", "", "apply -foo"},
		{"shortcut two dashes", "validate --json", "validate", "", "", "validate -json"},
		{"shortcut two dashes and text", "plan --out=x --target a", "plan", "", "", "plan -out=x -target a"},
		{"shortcut two words", "state list", "state", "", "", "state list"},
		{"order kept, flags in front", "import -var a=1 the.address the-id -lock=false", "import", "", "", "import -var a=1 -lock=false the.address the-id"},
		{"replace keeps its address", "plan -replace aws_x.y -lock=false", "plan", "", "", "plan -replace aws_x.y -lock=false"},
		{"ours between theirs", "output --source ../two//app -raw where", "output", "source=../two//app", "", "output -raw where"},
		{"text of their flag looks like ours", "plan -var --all", "plan", "", "", "plan -var --all"},
		{"lone dash", "state push -", "state", "", "", "state push -"},
		{"their flag with one dash", "plan -parallelism=5", "plan", "", "", "plan -parallelism=5"},
		{"their flag with one dash and space", "plan -parallelism 5 -lock=false", "plan", "", "", "plan -parallelism 5 -lock=false"},
		{"our flag with two dashes", "plan --parallelism=5", "plan", "parallelism=5", "", "plan"},
		{"filter of test", "test -filter=a.tftest.hcl", "test", "", "", "test -filter=a.tftest.hcl"},
		{"filter of ours", "test --filter=a", "test", "filter=a", "", "test"},
		{"one dash filter of ours", "plan -filter=a", "plan", "filter=a", "", "plan"},
		{"config of import", "import -config=x a b", "import", "", "", "import -config=x a b"},
		{"config of ours", "plan -config=x", "plan", "config=x", "", "plan"},
		{"one dash before the word is ours", "run -parallelism 3 plan", "run", "parallelism=3", "", "plan"},
		{"shortcut dashed", "plan -- -parallelism=5", "plan", "", "", "plan -parallelism=5"},
		{"no-color is ours", "plan -no-color", "plan", "no-color=true", "", "plan"},

		{"exec", "exec -- sh -c env", "exec", "", "", "sh -c env"},
		{"exec flags", "exec --in-download-dir -- ls --all -- x", "exec", "in-download-dir=true", "", "ls --all -- x"},
		{"exec without dashes", "exec env", "exec", "", "", "env"},

		{"hcl validate passes unknown flags", "hcl validate --inputs -var a=1", "hcl validate", "inputs=true", "-var a=1", ""},
		{"help takes anything", "help run --foo", "help", "", "run --foo", ""},
		{"dashes on a plain command", "find -- x", "find", "", "x", ""},
	}
	tab := newTable()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, err := split(tab, testWords(tt.line))
			if err != nil {
				t.Fatal(err)
			}
			check(t, "command", commandPath(w), tt.command)
			check(t, "flags", flagWords(w), tt.flags)
			check(t, "args", testLine(w.Args), tt.args)
			check(t, "tf", testLine(w.TF), tt.tf)
		})
	}
}

func testWords(line string) []string {
	if line == "" {
		return nil
	}
	out := strings.Split(line, " ")
	for i := range out {
		if out[i] == "ε" {
			out[i] = ""
		}
	}
	return out
}

func testLine(list []string) string {
	list = slices.Clone(list)
	for i := range list {
		if list[i] == "" {
			list[i] = "ε"
		}
	}
	return strings.Join(list, " ")
}

func check[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// Words are never shared with argv, so a handler may append to them.
func TestSplitKeepsArgv(t *testing.T) {
	t.Parallel()
	argv := []string{"run", "--all", "--", "plan", "--refresh-only"}
	w, err := split(newTable(), argv)
	if err != nil {
		t.Fatal(err)
	}
	_ = append(w.TF[:1], "changed")
	check(t, "argv", strings.Join(argv, " "), "run --all -- plan --refresh-only")
}

func TestSplitErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, line, want string }{
		{"unknown command", "foo", "unknown command: \"foo\". To run a command of the wrapped binary use `terrace run -- foo ...`"},
		{"words behind it are not repeated", "workspace new -var=secret", "unknown command: \"workspace\". To run a command of the wrapped binary use `terrace run -- workspace ...`"},
		{"almost a command", "aply", "unknown command: \"aply\". Did you mean `terrace apply`? To run a command of the wrapped binary use `terrace run -- aply ...`"},
		{"unknown subcommand", "hcl foo", "unknown subcommand \"foo\" of `terrace hcl`, must be one of: format, validate"},
		{"unknown flag", "find --foo", "flag provided but not defined: -foo"},
		{"unknown global flag", "--foo find", "flag provided but not defined: -foo"},
		{"flag of another command, before", "--all find", "flag `--all` is not a valid global flag. Did you mean to use `run --all`?"},
		{"flag of another command, after", "find --tree", "flag `--tree` is not a valid flag for `find`. Did you mean to use `list --tree`?"},
		{"misspelled", "find --dependecies", "flag provided but not defined: -dependecies. Did you mean `--dependencies`?"},
		{"misspelled global", "--workin-dir x find", "flag provided but not defined: -workin-dir. Did you mean `--working-dir`?"},
		{"their flag before the word", "run -lock=false plan", "flag `-lock=false` is not a Terrace flag. Flags of the wrapped binary follow its command: `terrace run <command> -lock=false`, or `terrace run -- <command> -lock=false`"},
		{"misspelled before the word", "run --paralelism 3 plan", "flag `--paralelism` is not a Terrace flag. Did you mean `--parallelism`?"},
		{"exec with flags", "exec ls -x", "flag `-x` is not a Terrace flag. Put the program after a double dash: `terrace exec -- <program> -x`"},
		{"missing value", "find --filter", "flag needs an argument: -filter"},
		{"missing value before dashes", "run --parallelism -- plan", "flag needs an argument: -parallelism"},
		{"no command", "-- plan", "no command before the double dash, use `terrace run -- ...`"},
	}
	tab := newTable()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := split(tab, testWords(tt.line))
			if err == nil {
				t.Fatal("no error")
			}
			check(t, "error", err.Error(), tt.want)
		})
	}
}

func TestSplitAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line          string
		help, version bool
	}{
		{"--help", true, false}, {"find -h", true, false}, {"plan -help", true, false},
		{"-v", false, true}, {"find --version", false, true}, {"show -version", false, true},
		{"run -- plan -help", false, false},
	}
	tab := newTable()
	for _, tt := range tests {
		w, err := split(tab, testWords(tt.line))
		if err != nil {
			t.Fatal(err)
		}
		check(t, tt.line+" help", w.Help, tt.help)
		check(t, tt.line+" version", w.Version, tt.version)
	}
}

func TestSplitWarnsOfCollisions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line string
		want int
	}{
		{"plan -parallelism=5", 0},
		{"run --all plan -parallelism=5", 1},
		{"run --all plan --parallelism=5", 0},
		{"run --all -- plan -parallelism=5", 0},
		{"run plan -parallelism=5 --filter a", 1},
	}
	tab := newTable()
	for _, tt := range tests {
		w, err := split(tab, testWords(tt.line))
		if err != nil {
			t.Fatal(err)
		}
		check(t, tt.line, len(w.Warnings), tt.want)
	}
}
