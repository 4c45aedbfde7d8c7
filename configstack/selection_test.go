package configstack

import (
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/config"
)

func exclude(actions ...string) *config.Exclude {
	return &config.Exclude{If: true, Actions: actions}
}

func TestExcludes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		block   *config.Exclude
		command string
		want    bool
	}{
		{nil, "plan", false},
		{exclude(), "plan", false},
		{exclude("plan"), "plan", true},
		{exclude("PLAN"), "plan", true},
		{exclude("apply", "plan"), "Plan", true},
		{exclude("plan"), "apply", false},
		{exclude("all"), "output", true},
		{exclude("All"), "anything", true},
		{exclude("all_except_output"), "plan", true},
		{exclude("all_except_output"), "output", false},
		{&config.Exclude{If: false, Actions: []string{"all"}}, "plan", false},
	}
	for _, tt := range tests {
		if got := Excludes(tt.block, tt.command); got != tt.want {
			t.Errorf("%+v for %s: got %v", tt.block, tt.command, got)
		}
	}
}

func TestExclude(t *testing.T) {
	t.Parallel()
	yes := true
	withDependencies := &config.Exclude{If: true, Actions: []string{"plan"}, ExcludeDependencies: &yes}
	tests := []struct {
		name    string
		lines   []string
		blocks  map[string]*config.Exclude
		protect string // units with prevent_destroy
		skip    string // units that are not selected
		rules   Rules
		kept    string
		out     string // unit=reason<unit
	}{
		{"nothing", []string{"a:"}, nil, "", "", Rules{Command: "plan"}, "a", ""},
		{"dependents stay", []string{"a: b", "b: c", "c:"},
			map[string]*config.Exclude{"b": exclude("plan")}, "", "", Rules{Command: "plan"},
			"a c", "b=exclude block<b"},
		{"other command", []string{"a: b", "b:"},
			map[string]*config.Exclude{"a": withDependencies}, "", "", Rules{Command: "apply"}, "a b", ""},
		{"direct dependencies only", []string{"a: b", "b: c", "c:"},
			map[string]*config.Exclude{"a": withDependencies}, "", "", Rules{Command: "plan"},
			"c", "a=exclude block<a b=dependency of an excluded unit<a"},
		{"its own block first", []string{"a: b", "b:"},
			map[string]*config.Exclude{"a": withDependencies, "b": exclude("all")}, "", "", Rules{Command: "plan"},
			"", "a=exclude block<a b=exclude block<b"},
		{"unselected units have no say", []string{"a: b", "b:"},
			map[string]*config.Exclude{"a": withDependencies}, "", "a", Rules{Command: "plan"}, "b", ""},
		{"prevent_destroy only on destroy", []string{"a: b", "b: c", "c:"}, nil, "b", "", Rules{Command: "apply"}, "a b c", ""},
		{"prevent_destroy with all it needs", []string{"a: b", "b: c", "c: d", "d:", "e:"}, nil, "b", "", Rules{Command: "destroy", Destroy: true},
			"a e", "b=prevent_destroy<b c=dependency of a unit with prevent_destroy<b d=dependency of a unit with prevent_destroy<b"},
		{"protection goes through unselected units", []string{"b: c", "c: d", "d:"}, nil, "b", "c", Rules{Command: "destroy", Destroy: true},
			"", "b=prevent_destroy<b d=dependency of a unit with prevent_destroy<b"},
		{"an excluded unit still protects", []string{"b: c", "c:"},
			map[string]*config.Exclude{"b": exclude("all")}, "b", "", Rules{Command: "destroy", Destroy: true},
			"", "b=exclude block<b c=dependency of a unit with prevent_destroy<b"},
		{"protection in a cycle ends", []string{"a: b", "b: a"}, nil, "a", "", Rules{Command: "destroy", Destroy: true},
			"", "a=prevent_destroy<a b=dependency of a unit with prevent_destroy<a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := fakeStack(tt.lines...)
			for name, block := range tt.blocks {
				s.unit(name).Outline.Exclude = block
			}
			for name := range strings.FieldsSeq(tt.protect) {
				s.unit(name).Outline.PreventDestroy = true
			}
			sel := s.Select(func(u *Unit) bool { return nameOf(u) != tt.skip }).Exclude(tt.rules)
			if got := short(sel.Kept); got != tt.kept {
				t.Errorf("kept %q, want %q", got, tt.kept)
			}
			var out []string
			for _, e := range sel.Excluded {
				out = append(out, nameOf(e.Unit)+"="+string(e.Reason)+"<"+nameOf(e.By))
			}
			if got := strings.Join(out, " "); got != tt.out {
				t.Errorf("excluded %q, want %q", got, tt.out)
			}
		})
	}
}

func TestSelectExternal(t *testing.T) {
	t.Parallel()
	s := fakeStack("sub/app: vpc", "vpc:")
	vpc := s.unit("vpc")
	vpc.External = true
	s.Units, s.External = []*Unit{s.unit("sub/app")}, []*Unit{vpc}
	if got := short(s.Select(nil).Kept); got != "sub/app" {
		t.Errorf("without external units: %s", got)
	}
	all := s.Select(func(*Unit) bool { return true })
	if got := short(all.Kept); got != "sub/app vpc" {
		t.Errorf("with external units: %s", got)
	}
	g, err := all.Graph(t.Context(), Up)
	if err != nil {
		t.Fatal(err)
	}
	if got := short(g.Order()); got != "vpc sub/app" {
		t.Errorf("order: %s", got)
	}
}
