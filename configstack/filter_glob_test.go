package configstack

import "testing"

func TestPathGlobs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		glob, rel string
		want      bool
	}{
		{"app/web", "app/web", true},
		{"./app/web/", "app/web", true},
		{"./net/../app/web", "app/web", true},
		{"app", "app/web", false},
		{"app/*", "app/web", true},
		{"app/*", "app/web/x", false},
		{"app/**", "app/web/x", true},
		{"app/**", "app", false},
		{"**", "app/web", true},
		{"**", ".", false},
		{"**", "../app", false},
		{"*", "..", false},
		{".", ".", true},
		{"*", ".", false},
		{"**/web", "app/web", true},
		{"**/web", "web", true},
		{"app/**/web", "app/web", true},
		{"app/**/web", "app/a/b/web", true},
		{"app/**/w*", "app/web", true},
		{"app/**/w*", "app/a/web", true},
		{"app/**/web", "app/xweb", false},
		{"a**", "ab/c", true},
		{"../data/*", "../data/db", true},
		{"../*/db", "../data/db", true},
		{"../*", "db", false},
		{"..", "..", true},
		{"..", "../..", false},
		{"w?b", "web", true},
		{"?", "/", false},
		{"w[a-f]b", "web", true},
		{"w[!a-f]b", "web", false},
		{"w[!x]b", "web", true},
		{"w[!x]b", "w/b", false},
		{"w[]e]b", "web", true},
		{"w[^e]b", "web", false},
		{"a.b", "axb", false},
		{"{a,b}", "a", false},
		{"{a,b}", "{a,b}", true},
		{"/live/app/*", "app/web", true},
		{"/live/**", "../elsewhere", false},
	} {
		g, err := compilePathGlob(c.glob, false)
		if err != nil {
			t.Errorf("%s: %v", c.glob, err)
			continue
		}
		if got := g.isPath(cleanSlashes("/live/"+c.rel), c.rel); got != c.want {
			t.Errorf("%s on %s: got %v", c.glob, c.rel, got)
		}
	}
}

func TestGlobAlternation(t *testing.T) {
	t.Parallel()
	g, err := compilePathGlob("{net/*,app}/{v,w}*", true)
	if err != nil {
		t.Fatal(err)
	}
	for rel, want := range map[string]bool{"app/web": true, "net/x/vpc": true, "net/vpc": false, "app/db": false} {
		if g.isPath("/live/"+rel, rel) != want {
			t.Errorf("%s: want %v", rel, want)
		}
	}
	for _, bad := range []string{"{a,b", "x[a", "[", "[!"} {
		if _, err := compileGlob(bad, true); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}
