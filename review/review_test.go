package review

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// plan makes a plan with one change of a resource.
func plan(address, actions, before, after, rest string) []byte {
	return fmt.Appendf(nil, `{"format_version":"1.2","resource_changes":[{"address":%q,"mode":"managed","type":"t","change":{"actions":[%s],"before":%s,"after":%s%s}}]}`,
		address, actions, before, after, rest)
}

func parse(t *testing.T, path string, text []byte) Unit {
	t.Helper()
	u, err := Parse(path, text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		plan []byte
		want []string
	}{
		{"create", plan("t.a", `"create"`, `null`, `{"n":"x","l":[1,{"k.v":true}]}`, `,"after_unknown":{"id":true}`),
			[]string{`+ create t.a`, `      + id: (known after apply)`, `      + l[0]: 1`, `      + l[1]["k.v"]: true`, `      + n: "x"`}},
		{"replace", plan("t.a", `"delete","create"`, `{"n":"x","m":1}`, `{"n":"y","m":1}`, `,"replace_paths":[["n"]]`),
			[]string{`-/+ replace t.a, forced by n`, `      ~ n: "x" -> "y"  (forces replacement)`}},
		{"delete", plan("t.a", `"delete"`, `{"n":"x"}`, `null`, ``), []string{`- delete t.a`}},
		{"import without a change", plan("t.a", `"no-op"`, `{}`, `{}`, `,"importing":{"id":"i-1"}`), []string{`> import t.a, imported from i-1`}},
		{"nothing", plan("t.a", `"no-op"`, `{"n":1}`, `{"n":1}`, ``), nil},
		{"sensitive that changes", plan("t.a", `"update"`, `{"p":"one-secret"}`, `{"p":"two-secret"}`, `,"before_sensitive":{"p":true},"after_sensitive":{"p":true}`),
			[]string{`~ update t.a`, `      ~ p: "(sensitive)", changed`}},
		{"null becomes something", plan("t.a", `"update"`, `{"p":null}`, `{"p":[]}`, ``), []string{`~ update t.a`, `      + p: []`}},
		{"an action of the future", plan("t.a", `"transmute"`, `{}`, `{}`, ``), []string{`~ update t.a`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := parse(t, "u", c.plan)
			if got := strings.Join(u.lines(true), "\n"); got != strings.Join(c.want, "\n") {
				t.Errorf("got:\n%s", got)
			}
			if u.Changed() != (len(c.want) > 0) {
				t.Errorf("changed: %v", u.Changed())
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `[]`, `{}`, `{"format_version":1}`} {
		if _, err := Parse("u", []byte(text)); err == nil {
			t.Errorf("%q is no plan", text)
		}
	}
}

// TestRedact: a value that is marked in one place is hidden everywhere, and in
// the plans that come after.
func TestRedact(t *testing.T) {
	t.Parallel()
	secrets := NewSecrets()
	key := []byte("key")
	first := plan("t.a", `"create"`, `null`, `{"in":"hush-hush","out":{"copy":"postgres://hush-hush@x"},"type":"hush-hush"}`, `,"after_sensitive":{"in":true}`)
	a, err := Redact(first, key, secrets)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Redact(plan("t.b", `"create"`, `null`, `{"n":"hush-hush"}`, ``), key, secrets)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(a), string(b)} {
		if strings.Contains(text, "hush") || !strings.Contains(text, hidden) {
			t.Errorf("not hidden: %s", text)
		}
	}
	if !strings.Contains(string(a), `"type":"t"`) || !strings.Contains(string(a), `"address":"t.a"`) {
		t.Errorf("too much is hidden: %s", a)
	}
	again, err := Redact(a, []byte("another key"), nil)
	if err != nil || string(again) != string(a) {
		t.Errorf("what is hidden stays as it is: %v\n%s", err, again)
	}
	learned := NewSecrets()
	learned.Learn(a)
	c, err := Redact(plan("t.c", `"create"`, `null`, `{"n":"hush-hush"}`, ``), key, learned)
	if err != nil || strings.Contains(string(c), "hush") {
		t.Errorf("what an earlier plan has hidden is shown: %v %s", err, c)
	}
}

// TestRealPlan reads what OpenTofu wrote, with a secret that it does not mark
// in one of the places where it is.
func TestRealPlan(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/replace.json")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "hush") {
		t.Fatal("the plan holds no secret: the test shows nothing")
	}
	r := &Review{Title: "t", Units: []Unit{parse(t, "u", text)}}
	var all strings.Builder
	for _, err := range []error{r.WriteText(&all), r.WriteJSON(&all), r.WriteMarkdown(&all, Markdown{})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(all.String(), "hush") {
		t.Errorf("a secret is shown:\n%s", all.String())
	}
	if want := "-/+ replace terraform_data.x, forced by triggers_replace"; !strings.Contains(all.String(), want) {
		t.Errorf("no %q in:\n%s", want, all.String())
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	same := plan("t.a", `"create"`, `null`, `{"n":1}`, ``)
	r := &Review{Title: "prod", Units: []Unit{
		parse(t, "b", same), parse(t, "a", same), parse(t, "c", plan("t.a", `"create"`, `null`, `{"n":2}`, ``)),
		parse(t, "d", plan("t.x", `"delete"`, `{}`, `null`, ``)), parse(t, "e", plan("t.a", `"no-op"`, `{}`, `{}`, ``)),
	}}
	var out strings.Builder
	if err := r.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	want := `prod: 1 to delete, 3 to create

d: 1 to delete
  - delete t.x

the same 1 change in 2 units; 1 differs: 1 to create
  (in: a, b)
  (different values in: c)
  + create t.a
        + n: 1

c: 1 to create
  + create t.a
        + n: 2

1 unit without changes: e
`
	if out.String() != want {
		t.Errorf("got:\n%s", out.String())
	}
}

func TestJSONThereAndBack(t *testing.T) {
	t.Parallel()
	r := &Review{Title: "prod", Units: []Unit{parse(t, "a", plan("t.a", `"create"`, `null`, `{"n":1}`, ``))}}
	var one, two strings.Builder
	if err := r.WriteJSON(&one); err != nil {
		t.Fatal(err)
	}
	back, err := ReadJSON([]byte(one.String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := back.WriteJSON(&two); err != nil || one.String() != two.String() {
		t.Errorf("%v\n%s\n%s", err, one.String(), two.String())
	}
	if _, err := ReadJSON([]byte(`{"format":"terrace-review/99"}`)); err == nil {
		t.Error("a format that is not known is read")
	}
}

// TestMarkdownFits: whatever the limit, the page is whole, says what it has
// left out, and starts with the marker.
func TestMarkdownFits(t *testing.T) {
	t.Parallel()
	r := &Review{Title: "prod"}
	for i := range 60 {
		attrs := make([]string, 40)
		for k := range attrs {
			attrs[k] = fmt.Sprintf(`"a%d":"value <%d> %d"`, k, i, k)
		}
		action, before, after := `"create"`, `null`, "{"+strings.Join(attrs, ",")+"}"
		if i == 59 {
			action, before, after = `"delete"`, after, `null`
		}
		r.Units = append(r.Units, parse(t, fmt.Sprintf("unit/%02d", i), plan("t.a", action, before, after, ``)))
	}
	for _, limit := range []int{1 << 20, DefaultMaxBytes, 20000, 5000, 1000} {
		var b strings.Builder
		if err := r.WriteMarkdown(&b, Markdown{Marker: "prod", MaxBytes: limit}); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		if len(page) > limit {
			t.Errorf("limit %d: %d bytes", limit, len(page))
		}
		if !strings.HasPrefix(page, Marker("prod")+"\n") || !strings.Contains(page, "unit/59") {
			t.Errorf("limit %d: no marker, or the riskiest unit is missing:\n%.300s", limit, page)
		}
		for _, pair := range [][2]string{{"<details", "</details>"}, {"```diff", "```\n"}} {
			if strings.Count(page, pair[0]) != strings.Count(page, pair[1]) && pair[0] == "<details" {
				t.Errorf("limit %d: cut in the middle: %d %s, %d %s", limit, strings.Count(page, pair[0]), pair[0], strings.Count(page, pair[1]), pair[1])
			}
		}
		if strings.Count(page, "```")%2 != 0 {
			t.Errorf("limit %d: a fence is left open", limit)
		}
		if cut := limit < 1<<20; cut != strings.Contains(page, "Left out to stay under") {
			t.Errorf("limit %d: what is left out is said: %v", limit, !cut)
		}
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	key := []byte("k")
	mocked := map[string]bool{Digest(key, "mock"): true}
	up := func(after, rest string) []byte { return plan("t.a", `"update"`, `{"n":"old"}`, after, rest) }
	for _, c := range []struct {
		name      string
		was, is   []byte
		different string // part of the first difference; "" for none
	}{
		{"the same", up(`{"n":"new"}`, ``), up(`{"n":"new"}`, ``), ""},
		{"a leaf that was known", up(`{"n":"new"}`, ``), up(`{"n":"newer"}`, ``), "after n is not what was reviewed"},
		{"a leaf that was mocked", up(`{"n":"mock"}`, ``), up(`{"n":"real"}`, ``), ""},
		{"a mock within a longer text", up(`{"n":"a-mock"}`, ``), up(`{"n":"a-real"}`, ``), "after n"},
		{"not known then", up(`{}`, `,"after_unknown":{"n":true}`), up(`{"n":{"deep":[1]}}`, ``), ""},
		{"not known now", up(`{"n":"new"}`, ``), up(`{}`, `,"after_unknown":{"n":true}`), "after n"},
		{"a new leaf", up(`{"n":"new"}`, ``), up(`{"n":"new","m":1}`, ``), "after m"},
		{"another action", up(`{"n":"new"}`, ``), plan("t.a", `"delete","create"`, `{"n":"old"}`, `{"n":"new"}`, ``), "the action was update at review and is replace now"},
		{"another object", up(`{"n":"new"}`, ``), plan("t.b", `"update"`, `{"n":"old"}`, `{"n":"new"}`, ``), "t.a: the action was update at review and is no-op now"},
		{"what forces", plan("t.a", `"delete","create"`, `{}`, `{}`, `,"replace_paths":[["n"]]`), plan("t.a", `"delete","create"`, `{}`, `{}`, `,"replace_paths":[["m"]]`), "what forces"},
		{"an import", up(`{"n":"new"}`, ``), up(`{"n":"new"}`, `,"importing":{"id":"i"}`), "the import was none"},
		{"reality has moved", up(`{"n":"new"}`, ``), plan("t.a", `"update"`, `{"n":"drifted"}`, `{"n":"new"}`, ``), "before n"},
		{"only one knows of the secret", up(`{"n":"hush"}`, `,"after_sensitive":{"n":true}`), up(`{"n":"hush"}`, ``), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			was, err := Redact(c.was, key, nil)
			if err != nil {
				t.Fatal(err)
			}
			is, err := Redact(c.is, key, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Comparison{Reviewed: was, Now: is, Key: key, Mocked: mocked}.Differences()
			if err != nil || (c.different == "") != (len(got) == 0) || len(got) > 0 && !strings.Contains(got[0], c.different) {
				t.Errorf("%v %q", err, got)
			}
		})
	}
}
