package source

import "testing"

func TestRemap(t *testing.T) {
	t.Parallel()
	m := map[string]string{
		"git::ssh://git@example.com/org/repo.git": "/local",
		"../mods":        "git::https://h/r.git?ref=v1",
		"github.com/o/r": "/base//inner",
	}
	for in, want := range map[string]string{
		"git::ssh://git@example.com/org/repo.git//net?ref=v1": "/local//net",
		"git::ssh://git@example.com/org/repo.git?ref=v1":      "/local",
		"git::ssh://git@example.com/org/repo//net":            "git::ssh://git@example.com/org/repo//net",
		"../mods//net":         "git::https://h/r.git//net?ref=v1",
		"github.com/o/r//x":    "/base//inner/x",
		"../mods/other//x?a=b": "../mods/other//x?a=b",
	} {
		if got := Remap(in, m); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestOverride(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ root, configured, want string }{
		{"/over", "../mods//net", "/over//net"},
		{"/over/", "git::https://h/o/repo.git//a/b?ref=v1", "/over//a/b"},
		{"/over", "git::https://h/o/vpc.git?ref=v1.2", "/over//vpc"},
		{"/over", "../mods/app.v2", "/over//app"},
		{"git::https://h/r.git?ref=x", "../mods//net", "git::https://h/r.git//net?ref=x"},
		{"/over//sub", "../mods//net", "/over//sub/net"},
	} {
		if got := Override(tt.root, tt.configured); got != tt.want {
			t.Errorf("%s for %s: %s, want %s", tt.root, tt.configured, got, tt.want)
		}
	}
}
