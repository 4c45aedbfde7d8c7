package tui

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// noServices evaluates nothing but remembers what was asked for.
type noServices struct{ asked, planned []string }

func (s *noServices) Configuration(_ context.Context, path string) (string, error) {
	s.asked = append(s.asked, path)
	return "inputs = {\n  name = \"a text that is long, \x1b[31mred\x1b[0m\"\n}\n", nil
}
func (s *noServices) Results() map[string]Result {
	return map[string]Result{"dev/app": {Command: "plan", State: "failed", At: time.Now()}}
}
func (s *noServices) Plan(paths []string) *exec.Cmd {
	s.planned = paths
	return exec.Command("true")
}

func treeOf(paths ...string) (*treeView, *noServices) {
	var list []Component
	for _, p := range paths {
		list = append(list, Component{Path: p, Kind: "unit"})
	}
	s := &noServices{}
	return newTreeView(context.Background(), "/live", list, s), s
}

func pressAll(v *treeView, keys string) {
	for _, k := range strings.Fields(keys) {
		v.Update(key(k))
	}
}

func TestTreeKeys(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		"":                      "dev",
		"l":                     "dev/app",
		"l j":                   "dev/net",
		"l G":                   "dev/web",
		"l G g g":               "dev/app",
		"l h":                   "dev",
		"j l":                   "prod/net",
		"/ n e t enter":         "dev/net",
		"/ n e t enter n":       "prod/net", // the next of the list
		"/ n e t enter n N":     "dev/net",
		"/ n e t esc":           "dev/net",
		"/ n e t esc n":         "prod/net", // found in another folder
		"/ n e t esc n n":       "dev/net",  // round the end
		"/ n e t esc N":         "prod/net",
		"n":                     "dev", // nothing was searched for
		"/ x x esc n":           "dev", // nothing was found
		"/ p r o d backspace d": "prod/net",
	} {
		v, _ := treeOf("dev/app", "dev/net", "dev/web", "prod/net")
		pressAll(v, keys)
		r, ok := v.chosen()
		if !ok || r.path != want {
			t.Errorf("%s: at %q, want %s", keys, r.path, want)
		}
	}
}

func TestTreePlan(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		"p":             "dev/app dev/net", // what only begins like the folder is not in it
		"l p":           "dev/app",
		"l space j p":   "dev/app",
		"space p":       "dev/app dev/net",
		"l space esc p": "dev/net",
	} {
		v, s := treeOf("dev/app", "dev/net", "dev-2/app", "dev-3")
		for v.tree.children["."][v.at()].path != "dev" {
			pressAll(v, "j")
		}
		pressAll(v, keys)
		if got := strings.Join(s.planned, " "); got != want {
			t.Errorf("%s: planned %q, want %q", keys, got, want)
		}
	}
}

// The screen is filled exactly, whatever its size and whatever is on it, and nothing in a text
// is obeyed by the terminal.
func TestTreeView(t *testing.T) {
	t.Parallel()
	v, _ := treeOf("a/very/long/path/to/a/unit/with-a-long-name", "世界/単位", "dev/app")
	for _, size := range []tea.WindowSizeMsg{{Width: 80, Height: 24}, {Width: 200, Height: 50}, {Width: 30, Height: 6}, {Width: 1, Height: 1}} {
		v.Update(size)
		for _, keys := range []string{"", "l", "l", "/ a", "esc", "h"} {
			pressAll(v, keys)
			r, _ := v.chosen()
			if cmd := v.evaluate(r.path); cmd != nil {
				v.Update(cmd())
			}
			lines := strings.Split(v.text(), "\n")
			if len(lines) != max(size.Height, treeChrome+1) {
				t.Errorf("%v after %q: %d lines", size, keys, len(lines))
			}
			for _, line := range lines {
				if ansi.StringWidth(line) > size.Width || strings.Contains(line, "\x1b[31mred") {
					t.Errorf("%v after %q: %q", size, keys, line)
				}
			}
		}
	}
}

func TestTreeSettles(t *testing.T) {
	t.Parallel()
	v, s := treeOf("a", "b", "c")
	pressAll(v, "j j")
	for _, unit := range []string{"a", "b", "c"} {
		if _, cmd := v.Update(settledMsg{unit}); cmd != nil {
			v.Update(cmd())
		}
	}
	if !slices.Equal(s.asked, []string{"c"}) || !v.texts["c"].done {
		t.Errorf("evaluated %q, want only the unit that is looked at", s.asked)
	}
}

func BenchmarkTree5000(b *testing.B) {
	var paths []string
	for i := range 5000 {
		paths = append(paths, fmt.Sprintf("env%d/u%d", i%10, i))
	}
	v, _ := treeOf(paths...)
	pressAll(v, "space")
	pressAll(v, "/ u 4")
	b.ResetTimer()
	for range b.N {
		v.Update(key("2"))
		_ = v.text()
		v.Update(key("backspace"))
		_ = v.text()
	}
}
