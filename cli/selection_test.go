package cli

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/configstack"
)

func TestCommandLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, word string
		down       bool
	}{
		{"", "", false},
		{"plan", "plan", false},
		{"destroy", "destroy", true},
		{"plan -destroy", "plan", true},
		{"apply -destroy -lock=false", "destroy", true},
		{`apply -var "a=-destroy"`, "apply", false},
	}
	for _, tt := range tests {
		got, err := commandLine(tt.text)
		if err != nil {
			t.Fatal(tt.text, err)
		}
		check(t, tt.text+" word", got.Word(), tt.word)
		check(t, tt.text+" direction", direction(got), map[bool]configstack.Direction{false: configstack.Up, true: configstack.Down}[tt.down])
	}
	_, err := commandLine(`plan "`)
	var usage *usageError
	if !errors.As(err, &usage) {
		t.Errorf("an open quote gives %v", err)
	}
}

// What a listing asks of discovery decides how fast it is.
func TestWanted(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, want string }{
		{"find", ""},
		{"find --json", ""},
		{"find --dependencies --reading --include --exclude", ""},
		{"find --no-hidden", "hidden"},
		{"find --json --reading", "outlines"},
		{"find --json --include", "outlines"},
		{"find --json --exclude", "outlines"},
		{"find --json --dependencies", "outlines edges"},
		{"find --dag", "edges"},
		{"find --as plan", "edges"},
		{"find --external", "external"},
		{"list", ""},
		{"list --tree", ""},
		{"list --long --dependencies", "edges"},
		{"list --tree --dag", "edges"},
		{"list --format dot", ""},
		{"list --no-hidden --external", "external hidden"},
		{"dag graph", "edges"},
	}
	for _, tt := range tests {
		v, g, _, err := globalsOf(t, tt.line)
		if err != nil {
			t.Fatal(tt.line, err)
		}
		var w wanted
		switch strings.Fields(tt.line)[0] {
		case "find":
			w = newFindOptions(v, g).wanted(nil)
		case "list":
			w = newListOptions(v, g).wanted(nil)
		default:
			w = newGraphOptions(v, g).wanted(nil)
		}
		check(t, tt.line, w.String(), tt.want)
	}
}

func (w wanted) String() string {
	all := map[string]bool{"outlines": w.Outlines, "edges": w.Edges, "external": w.External, "hidden": w.NoHidden}
	words := []string{"outlines", "edges", "external", "hidden"}
	return strings.Join(slices.DeleteFunc(words, func(s string) bool { return !all[s] }), " ")
}

func TestShownPath(t *testing.T) {
	t.Parallel()
	s := &session{inv: &invocation{Global: globalOptions{WorkingDir: testCwd(t, "live", "app")}}}
	check(t, "itself", s.shownPath(testCwd(t, "live", "app")), ".")
	check(t, "below", s.shownPath(testCwd(t, "live", "app", "a", "b")), "a/b")
	check(t, "beside", s.shownPath(testCwd(t, "live", "net")), "../net")
	in := []string{testCwd(t, "live", "net"), testCwd(t, "live", "app", "a")}
	check(t, "sorted", strings.Join(s.shownPaths(in), " "), "../net a")
	check(t, "argument untouched", in[0], filepath.Join(testCwd(t, "live"), "net"))
}

func TestDotString(t *testing.T) {
	t.Parallel()
	check(t, "plain", dotString("a/b c"), `"a/b c"`)
	check(t, "quoted", dotString(`a"b`), `"a\"b"`)
}
