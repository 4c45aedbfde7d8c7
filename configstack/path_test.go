package configstack

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestBehind(t *testing.T) {
	t.Parallel()
	s := fakeStack("app: db cache", "cache: vpc", "db: vpc", "dns:", "vpc:")
	for _, c := range []struct {
		direction Direction
		of, want  string
	}{
		{Up, "vpc", "vpc cache db app"},
		{Up, "db", "db app"},
		{Up, "dns app", "dns app"},
		{Up, "", ""},
		{Down, "vpc", "vpc"},
		{Down, "db", "db vpc"},
		{Down, "app dns", "app dns cache db vpc"},
	} {
		var units []*Unit
		for name := range strings.FieldsSeq(c.of) {
			units = append(units, s.unit(name))
		}
		if got := short(mustGraph(t, s, c.direction).Behind(units)); got != c.want {
			t.Errorf("behind %s, direction %d: %q, want %q", c.of, c.direction, got, c.want)
		}
	}
	part, err := s.Select(nil).Only(func(u *Unit) bool { return u == s.unit("db") }).Graph(context.Background(), Up)
	if err != nil {
		t.Fatal(err)
	}
	if got := short(part.Behind(s.Units)); got != "db" {
		t.Errorf("units outside the queue count: %q", got)
	}
}

func TestCriticalPath(t *testing.T) {
	t.Parallel()
	s := fakeStack("app: db cache", "cache: vpc", "db: vpc", "dns:", "vpc:")
	for _, c := range []struct {
		times map[string]time.Duration
		want  string
	}{
		{map[string]time.Duration{"vpc": 2, "db": 5, "cache": 1, "app": 3, "dns": 9}, "vpc db app"},
		{map[string]time.Duration{"vpc": 2, "db": 5, "cache": 1, "app": 3, "dns": 11}, "dns"},
		{map[string]time.Duration{"vpc": 2, "db": 1, "cache": 4, "app": 0, "dns": 3}, "vpc cache"},
		{map[string]time.Duration{"vpc": 2, "app": 3}, "vpc app"}, // db and cache did not run
		{nil, ""},
	} {
		g := mustGraph(t, s, Up)
		if got := short(g.CriticalPath(func(u *Unit) time.Duration { return c.times[nameOf(u)] })); got != c.want {
			t.Errorf("%v: %q, want %q", c.times, got, c.want)
		}
	}
	down := mustGraph(t, s, Down)
	if got := short(down.CriticalPath(func(*Unit) time.Duration { return 1 })); got != "app cache vpc" {
		t.Errorf("down: %q", got)
	}
}
