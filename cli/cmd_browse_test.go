package cli

import "testing"

func TestCommonFolder(t *testing.T) {
	t.Parallel()
	for want, paths := range map[string][]string{
		"dev/vpc": {"dev/vpc"},
		"dev":     {"dev/vpc", "dev/app"},
		"":        {"dev/vpc", "prod/vpc"},
		"a/b":     {"a/b", "a/b/c", "a/b/d/e"},
		"a":       {"a/b", "a/bc"},
		"x":       {"x/y/z", "x/q"},
	} {
		if got := commonFolder(paths); got != want {
			t.Errorf("%v: %q, want %q", paths, got, want)
		}
	}
	if got := commonFolder([]string{".", "a"}); got != "" {
		t.Errorf("with the root: %q", got)
	}
}
