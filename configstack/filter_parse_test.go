package configstack

import (
	"errors"
	"strings"
	"testing"
)

func TestParseQueryErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query, title string
		pos          int
	}{
		{"", titleEnd, 0},
		{"  ", titleEnd, 2},
		{"web | ", titleEnd, 6},
		{"!", titleEnd, 1},
		{"^", titleEnd, 1},
		{"...", titleEnd, 3},
		{"1...", titleEnd, 4},
		{"| web", titleUnexpected, 0},
		{"web || db", titleUnexpected, 5},
		{"web}", titleUnexpected, 3},
		{"web)", titleUnexpected, 3},
		{"./app {x}", titleUnexpected, 6},
		{"./a=b", titleUnexpected, 3},
		{"a!b", titleUnexpected, 1},
		{"...1", titleUnexpected, 3},
		{"1...2", titleUnexpected, 4},
		{"^1...", titleUnexpected, 1},
		{"web...1...", titleUnexpected, 7},
		{"web......", titleUnexpected, 6},
		{"source=x?ref=v1", titleUnexpected, 12},
		{"{app", titleOpenPath, 0},
		{"!{app", titleOpenPath, 1},
		{"{}", titleEmptyPath, 0},
		{"{ }", titleEmptyPath, 0},
		{"{[a}", titleBadGlob, 0},
		{"[]", titleEmptyGit, 0},
		{"[ ]", titleEmptyGit, 0},
		{"[main", titleOpenGit, 0},
		{"[main...HEAD", titleOpenGit, 0},
		{"[main...", titleMissingRef, 8},
		{"[main...]", titleMissingRef, 8},
		{"[...main]", titleMissingRef, 1},
		{"[...]", titleMissingRef, 1},
		{"name=", titleNoValue, 5},
		{"name= | web", titleNoValue, 6},
		{"name=''", titleNoValue, 5},
		{"foo=bar", titleUnknownKey, 0},
		{"web | foo=bar", titleUnknownKey, 6},
		{"type=bar", titleBadValue, 5},
		{"external=maybe", titleBadValue, 9},
		{`name="web`, titleIllegal, 5},
		{"we\x01b", titleIllegal, 2},
		{"()...web", titleEmptyBounds, 0},
		{"web...( )", titleEmptyBounds, 6},
		{"web...(data", titleOpenBounds, 6},
		{"(web)", titleWrongBounds, 0},
		{"!(a | b)", titleWrongBounds, 1},
		{"web | (db)", titleWrongBounds, 6},
	} {
		_, err := ParseQuery(c.query)
		var bad *QueryError
		if !errors.As(err, &bad) {
			t.Errorf("%q: got %v, want %q", c.query, err, c.title)
			continue
		}
		if bad.Title != c.title || bad.Pos != c.pos || bad.Query != c.query || bad.Label == "" {
			t.Errorf("%q: got %q at %d (%s), want %q at %d", c.query, bad.Title, bad.Pos, bad.Label, c.title, c.pos)
		}
	}
}

func TestParseQueryAccepts(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"web", "my app", "./app/*", "{my app/x y}", "!!web", "!!!web", "...^db...", "1...db...2", "0...db", "web...99999999999999999999",
		"name=web...", "name='a=b'", `source="git::https://host/x?ref=v1"`, "source=git::ssh://**", "[main]", "[main...HEAD]", "[v1..v2]",
		"[HEAD^...HEAD@{1}]", "...[main]...", "(..)...db...(data)", " web | !db ", "reading=../x.hcl", ".", "..", ".../x", "{1}...", "name=1...",
	} {
		if _, err := ParseQuery(query); err != nil {
			t.Errorf("%q: %v", query, err)
		}
	}
}

func TestQueryErrorText(t *testing.T) {
	t.Parallel()
	_, err := ParseQuery("[main...")
	var bad *QueryError
	if !errors.As(err, &bad) {
		t.Fatal(err)
	}
	bad.Origin = "--filter[1]"
	want := strings.Join([]string{
		"Filter parsing error: Missing Git reference",
		" --> --filter[1] '[main...'",
		"",
		"     [main...",
		"             ^ Expected second Git reference after '...'",
		"",
		"  hint: " + bad.Hint,
	}, "\n")
	if bad.Error() != want {
		t.Errorf("got\n%s\nwant\n%s", bad.Error(), want)
	}
	_, err = ParseQuery("größe | {x")
	if !strings.Contains(err.Error(), "\n"+strings.Repeat(" ", 5+8)+"^ ") {
		t.Errorf("the caret does not count characters:\n%s", err)
	}
}

// No text may make the parser panic or hang.
func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"web", "!...^[a...b]...(x)", "name='", "{**/w[a-f]b} | type=unit", "(..)...x...3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuery(text)
		if (q == nil) == (err == nil) {
			t.Fatalf("%q: got %v and %v", text, q, err)
		}
		if err != nil && err.Error() == "" {
			t.Fatal("an error without text")
		}
	})
}
