package main

import (
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		times []time.Duration
		want  time.Duration
	}{
		{[]time.Duration{5}, 5},
		{[]time.Duration{9, 1, 5}, 5},
		{[]time.Duration{9, 1, 5, 7}, 6},
	} {
		if got := median(c.times); got != c.want {
			t.Errorf("median(%v) = %d, want %d", c.times, got, c.want)
		}
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r        row
		measured string
		met      bool
	}{
		{ratioRow("r", comparison{ratio: 0.4}, 0.5), "0.40", true},
		{ratioRow("r", comparison{ratio: 0.6}, 0.5), "0.60", false},
		{differenceRow("d", comparison{more: 15 * time.Millisecond}, 20*time.Millisecond), "+15.0 ms", true},
		{differenceRow("d", comparison{more: 21 * time.Millisecond}, 20*time.Millisecond), "+21.0 ms", false},
	} {
		if c.r.measured != c.measured || c.r.met != c.met {
			t.Errorf("measured %s, met %v; want %s, %v", c.r.measured, c.r.met, c.measured, c.met)
		}
	}
}

// TestPairs: the first round does not count, and a load that grows from pair to pair does not
// change the ratio.
func TestPairs(t *testing.T) {
	t.Parallel()
	load := 0
	at := func(base time.Duration) func() (time.Duration, error) {
		return func() (time.Duration, error) {
			load++
			if load <= 2 {
				return time.Hour, nil
			}
			return base * time.Duration((load-1)/2), nil
		}
	}
	got, err := pairs(3, at(2*time.Millisecond), at(4*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	want := comparison{ours: 4 * time.Millisecond, bare: 8 * time.Millisecond, ratio: 0.5, more: -4 * time.Millisecond}
	if got != want {
		t.Errorf("pairs = %+v, want %+v", got, want)
	}
}

// TestUpstream: a unit stands on earlier units only, never on itself or twice on one.
func TestUpstream(t *testing.T) {
	t.Parallel()
	for k := range unitsPerEnv {
		up := upstream(k)
		if (k == 0) != (len(up) == 0) {
			t.Errorf("unit %d has %d dependencies", k, len(up))
		}
		seen := map[string]bool{unitName(k): true}
		for _, name := range up {
			if seen[name] {
				t.Errorf("unit %d depends on %s", k, name)
			}
			seen[name] = true
		}
	}
}

// TestMakeRepo writes a small repository; `make bench` runs on the large one.
func TestMakeRepo(t *testing.T) {
	t.Parallel()
	r, err := makeRepo(t.TempDir(), unitsPerEnv+2, 8)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.units) != unitsPerEnv+2 || r.units[unitsPerEnv].dir == r.units[0].dir {
		t.Errorf("%d units, the first of the second environment in %s", len(r.units), r.units[unitsPerEnv].dir)
	}
}

func TestQuestionTitle(t *testing.T) {
	t.Parallel()
	q := question{what: "graph", words: "find --json"}
	for expressions, want := range map[int]string{
		0: "graph: `find --json`, 20 units, to bare `version`",
		7: "graph: `find --json`, 20 units, to bare `version`, with 7 more locals in root.hcl",
	} {
		if got := q.title(20, expressions); got != want {
			t.Errorf("title = %s, want %s", got, want)
		}
	}
}

func TestChosen(t *testing.T) {
	t.Parallel()
	all, err := chosen("")
	if err != nil || len(all) != len(groups()) {
		t.Errorf("got %d groups, %v", len(all), err)
	}
	some, err := chosen("states,start")
	if err != nil || len(some) != 2 || some[0].name != "start" || some[1].name != "states" {
		t.Errorf("got %v, %v", some, err)
	}
	if _, err := chosen("start,nothing"); err == nil {
		t.Error("a name that is not there is taken")
	}
}
