package cli

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/shlex"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
)

func TestQuoteWords(t *testing.T) {
	t.Parallel()
	tests := []struct{ word, unix, windows string }{
		{"plan", "plan", "plan"},
		{"../live/vpc", "../live/vpc", "../live/vpc"},
		{"", "''", `""`},
		{"a b", "'a b'", `"a b"`},
		{"it's", `'it'\''s'`, `"it's"`},
		{`say "x"`, `'say "x"'`, `"say \"x\""`},
		{"$HOME", "'$HOME'", `"$HOME"`},
		{"`id`", "'`id`'", "\"`id`\""},
		{"a;b", "'a;b'", `"a;b"`},
		{"~/x", "'~/x'", `"~/x"`},
		{"a*[1]?", "'a*[1]?'", `"a*[1]?"`},
		{"a\nb", "'a\nb'", "\"a\nb\""},
		{`C:\live`, `'C:\live'`, `C:\live`},
		{`C:\my live\`, `'C:\my live\'`, `"C:\my live\\"`},
		{"git@host:x,y", "git@host:x,y", `"git@host:x,y"`},
		{"ü", "'ü'", `"ü"`},
	}
	for _, tt := range tests {
		check(t, tt.word, quoteWord(tt.word, false), tt.unix)
		check(t, tt.word+" on Windows", quoteWord(tt.word, true), tt.windows)
		back, err := shlex.Split(quoteWord(tt.word, false))
		if err != nil || len(back) != 1 || back[0] != tt.word {
			t.Errorf("%q comes back as %q, %v", tt.word, back, err)
		}
	}
	check(t, "words", quoteWords([]string{"a", "b c"}, false), "a 'b c'")
}

// A real shell has the last word.
func TestQuoteWordsForShell(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs sh")
	}
	for _, word := range []string{"", "a b", "it's", `"`, "$x", "`x`", `\`, "a\nb", "-n", "!", "#", "~", "*", "a=b", "{a,b}", "<x>|&"} {
		out, err := exec.Command(sh, "-c", "printf %s "+quoteWord(word, false)).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q comes back as %q, %v", word, out, err)
		}
	}
}

func TestHideVars(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plan -lock=false":                "plan -lock=false",
		"plan -var a=b -var-file=x":       "plan -var a=*** -var-file=x",
		"plan -var=a=b=c --var=d=e f":     "plan -var=a=*** --var=d=*** f",
		"plan --var a=b -out x -var":      "plan --var a=*** -out x -var",
		"import -var=a=b var.x -lock=var": "import -var=a=*** var.x -lock=var",
	} {
		check(t, in, strings.Join(hideVars(strings.Fields(in)), " "), want)
	}
}

func TestTypedFlag(t *testing.T) {
	t.Parallel()
	v, _, err := bound("plan --all --no-auto-init --no-hooks=false --feature b=2 --feature a=1=1 --download-dir dl"+
		" --version-manager-file-name x --version-manager-file-name y --cas-clone-depth -1", "TG_TF_PATH=tofu")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"no-auto-init": "--no-auto-init", "no-hooks": "--no-hooks=false", "feature": "--feature a=1=1 --feature b=2",
		"download-dir": "--download-dir dl", "version-manager-file-name": "--version-manager-file-name x --version-manager-file-name y",
		"cas-clone-depth": "--cas-clone-depth -1", "tf-path": "", "source": "",
	} {
		check(t, name, strings.Join(typedFlag(newTable().anywhere(name), v.get(name)), " "), want)
	}
}

// A mistake in the configuration is shown where it is; all else says how to
// run the unit alone. What is known of the error stays known.
func TestUnitFailure(t *testing.T) {
	t.Parallel()
	exit := &shell.ExitError{Path: "tofu", Args: []string{"plan"}, Code: 3, Stdout: "{}", Stderr: "no room\n"}
	for _, tt := range []struct {
		err   error
		alone string
		want  string
	}{
		{exit, "terrace plan", "Unit '/u' failed: tofu plan: exit status 3\nno room\nTo run it alone: terrace plan"},
		{exit, "", "Unit '/u' failed: tofu plan: exit status 3\nno room"},
		{&shell.ExitError{Path: "tofu", Code: 1, Stdout: "said here"}, "x", "Unit '/u' failed: tofu: exit status 1\nsaid here\nTo run it alone: x"},
		{errors.New("no source"), "terrace plan", "/u: no source\nTo run it alone: terrace plan"},
		{&config.Error{Path: "/u/terragrunt.hcl"}, "terrace plan", (&config.Error{Path: "/u/terragrunt.hcl"}).Error()},
	} {
		f := &unitFailure{configstack.UnitError{Unit: "/u", Err: tt.err}, tt.alone}
		list := flatten(f)
		if len(list) != 1 || list[0].Error() != tt.want {
			t.Errorf("got %v, want %s", list, tt.want)
		}
		if !errors.Is(list[0], tt.err) || !errors.Is(f, tt.err) {
			t.Errorf("%v is lost", tt.err)
		}
	}
}
