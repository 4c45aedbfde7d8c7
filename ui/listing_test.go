package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func labels(texts ...string) []Label {
	var list []Label
	for _, t := range texts {
		list = append(list, Label{Text: t, Color: BoldBlue})
	}
	return list
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		width int
		texts []string
		want  string
	}{
		{80, []string{"app/web", "data/cache", "net"}, "app/web     data/cache  net         \n"},
		{24, []string{"app/web", "data/cache", "net"}, "app/web     data/cache  \nnet         \n"},
		{5, []string{"app/web", "net"}, "app/web  \nnet      \n"},
		{80, nil, "\n"},
	} {
		var b strings.Builder
		if err := WriteColumns(&b, labels(tt.texts...), tt.width, false); err != nil {
			t.Fatal(err)
		}
		equal(t, b.String(), tt.want)
	}
	var b strings.Builder
	WriteColumns(&b, labels("a/b"), 80, true)
	equal(t, b.String(), "\x1b[2ma/\x1b[0m\x1b[1;34mb\x1b[0m  \n")
}

func TestTable(t *testing.T) {
	t.Parallel()
	row := func(path, deps string) []Label {
		return []Label{{Text: "unit"}, {Text: path, Color: BoldBlue}, {Text: deps}}
	}
	rows := [][]Label{row("app/.hid/job", ""), row("net/dns", ""), row("app/web", "data/cache, data/db"), {{Text: "unit"}}}
	var b strings.Builder
	if err := WriteTable(&b, []string{"Type", "Path", "Dependencies"}, rows, false); err != nil {
		t.Fatal(err)
	}
	equal(t, b.String(), `Type  Path          Dependencies
unit  app/.hid/job
unit  net/dns
unit  app/web       data/cache, data/db
unit
`)
	var colored strings.Builder
	WriteTable(&colored, []string{"Type", "Path", "Dependencies"}, rows, true)
	equal(t, stripANSI(colored.String()), b.String())
}

func tree(t *testing.T, n *Node) string {
	t.Helper()
	var b strings.Builder
	if err := WriteTree(&b, n, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDirTree(t *testing.T) {
	t.Parallel()
	equal(t, tree(t, DirTree(labels("app/web", "data", "data/cache", "data/db", "net/dns", "../x", "/abs/y"))), `.
├── app
│   ╰── web
├── data
│   ├── cache
│   ╰── db
├── net
│   ╰── dns
├── ..
│   ╰── x
╰── /abs
    ╰── y
`)
	equal(t, tree(t, DirTree(labels("."))), ".\n")
	if n := DirTree(labels("a/b")); n.Children[0].Label.Color != Dim || n.Children[0].Children[0].Label.Color != BoldBlue {
		t.Error("a directory is dim, a label has its colour")
	}
}

func TestGraphTree(t *testing.T) {
	t.Parallel()
	names := labels("app/web", "data/cache", "data/db", "net/dns", "net/vpc")
	equal(t, tree(t, GraphTree(names, [][]int{{1, 2, 2}, {4}, {4}, nil, nil})), `.
├── net/dns
╰── net/vpc
    ├── data/cache
    │   ╰── app/web
    ╰── data/db
        ╰── app/web
`)
	// a -> b -> c -> a, d hangs on a, e on itself.
	equal(t, tree(t, GraphTree(labels("a", "b", "c", "d", "e"), [][]int{{1}, {2}, {0}, {0}, {4}})), `.
├── e
╰── a
    ├── c
    │   ╰── b
    ╰── d
`)
	equal(t, tree(t, GraphTree(nil, nil)), ".\n")
}

func TestGraphTreeIsBounded(t *testing.T) {
	t.Parallel()
	var names []string
	var parents [][]int
	for level := range 40 { // two nodes a level, each below both of the last level
		for i := range 2 {
			names = append(names, fmt.Sprintf("n%02d%d", level, i))
			var above []int
			if level > 0 {
				above = []int{2*level - 2, 2*level - 1}
			}
			parents = append(parents, above)
		}
	}
	got := tree(t, GraphTree(labels(names...), parents))
	if n := strings.Count(got, "\n"); n > 200 {
		t.Fatalf("%d lines", n)
	}
	for _, name := range names {
		if !strings.Contains(got, name) {
			t.Errorf("%s is missing", name)
		}
	}
	if !strings.Contains(got, "n010 …") {
		t.Error("a repeated node must say that it was shown before")
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	s := Summary{Elapsed: 141 * time.Millisecond, Groups: []Group{
		{"Succeeded", BoldGreen, []Timed{{"a", time.Second, ""}, {"net/vpc", 90 * time.Second, "init 80s, plan 10s"}, {"b", time.Second, ""}}},
		{"Failed", BoldRed, []Timed{{"bad", 3 * time.Millisecond, ""}}},
		{"Early Exits", BoldYellow, []Timed{{"x", 0, ""}, {"a-name-longer-than-20-chars", 0, ""}}},
		{"Excluded", BoldBlue, nil},
	}}
	var b strings.Builder
	if err := WriteSummary(&b, s, false); err != nil {
		t.Fatal(err)
	}
	equal(t, b.String(), `
❯❯ Run Summary  6 units  141ms
   ────────────────────────────
   Succeeded    3
   Failed       1
   Early Exits  2

`)
	var colored strings.Builder
	WriteSummary(&colored, s, true)
	equal(t, stripANSI(colored.String()), b.String())
	if !strings.Contains(colored.String(), "\x1b[1;33m❯❯ Run Summary\x1b[0m") {
		t.Errorf("heading colour: %q", colored.String())
	}

	b.Reset()
	s.PerItem = true
	s.Notes = []string{"Critical path: a -> b"}
	WriteSummary(&b, s, false)
	equal(t, b.String(), `
❯❯ Run Summary  6 units  141ms
   ───────────────────────────────────
   Succeeded (3)
      net/vpc ....................... 1m
         init 80s, plan 10s
      a ............................. 1s
      b ............................. 1s
   Failed (1)
      bad ........................... 3ms
   Early Exits (2)
      a-name-longer-than-20-chars
      x
   Critical path: a -> b

`)
	b.Reset()
	WriteSummary(&b, Summary{Elapsed: time.Second, Groups: []Group{{"Excluded", BoldBlue, []Timed{{"a", 0, ""}}}}}, false)
	equal(t, b.String(), "\n❯❯ Run Summary  1 unit  1s\n   ────────────────────────────\n   Excluded  1\n\n")
}

func TestFormatDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0ns", 999: "999ns", 1999: "1µs", 141_999_999: "141ms",
		59_999 * time.Millisecond: "59s", 119 * time.Second: "1m", 2 * time.Hour: "120m",
	} {
		equal(t, FormatDuration(d), want)
	}
}
