package shell

import (
	"slices"
	"testing"
)

func TestArgv(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		argv       Argv
		inserted   []string // after adding -x
		positional []string
		out        string
	}{
		{Argv{"plan"}, []string{"plan", "-x"}, nil, ""},
		{Argv{"plan", "-out", "f", "rest"}, []string{"plan", "-x", "-out", "f", "rest"}, []string{"rest"}, "f"},
		{Argv{"plan", "--out=f"}, []string{"plan", "-x", "--out=f"}, nil, "f"},
		{Argv{"state", "mv", "a", "b"}, []string{"state", "mv", "-x", "a", "b"}, []string{"a", "b"}, ""},
		{Argv{"apply", "--", "-odd"}, []string{"apply", "-x", "--", "-odd"}, []string{"-odd"}, ""},
		{Argv{"-version"}, []string{"-version"}, nil, ""},
		{nil, nil, nil, ""},
	} {
		if got := c.argv.Insert("-x"); !slices.Equal(got, c.inserted) {
			t.Errorf("%v.Insert = %v, want %v", c.argv, got, c.inserted)
		}
		if got := c.argv.Positional(); !slices.Equal(got, c.positional) && c.argv.Head() > 0 {
			t.Errorf("%v.Positional = %v, want %v", c.argv, got, c.positional)
		}
		if got, _ := c.argv.Text("out"); got != c.out {
			t.Errorf("%v.Text(out) = %q, want %q", c.argv, got, c.out)
		}
	}
	for text, want := range map[string]bool{"-destroy": true, "-destroy=true": true, "-destroy=false": false, "-refresh": false} {
		if got := (Argv{"plan", text}).On("destroy"); got != want {
			t.Errorf("%s: On = %v, want %v", text, got, want)
		}
	}
}
