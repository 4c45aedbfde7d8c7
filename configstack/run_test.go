package configstack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/terrace-iac/terrace/config"
)

var errBroken = errors.New("broken")

// script is fake work: it notes what starts and fails where told to.
type script struct {
	names map[*config.Unit]string
	fail  map[string]bool

	mu      sync.Mutex
	started []string
}

func newScript(s *Stack, fail string) *script {
	sc := &script{names: map[*config.Unit]string{}, fail: map[string]bool{}}
	for _, u := range s.Units {
		sc.names[u.Unit] = nameOf(u)
	}
	for name := range strings.FieldsSeq(fail) {
		sc.fail[name] = true
	}
	return sc
}

func (s *script) work(_ context.Context, u *config.Unit) (string, error) {
	name := s.names[u]
	s.mu.Lock()
	s.started = append(s.started, name)
	s.mu.Unlock()
	if s.fail[name] {
		return "tried " + name, errBroken
	}
	return "did " + name, nil
}

// outcome gives a result as "unit state", and "<via<cause" for a skipped one.
func outcome(names map[*config.Unit]string, r Result[string]) string {
	out := names[r.Unit] + " " + r.State.String()
	if r.State == Skipped {
		out += "<" + names[r.Via] + "<" + names[r.Cause]
	}
	return out
}

func TestRunModes(t *testing.T) {
	t.Parallel()
	chain := []string{"bad:", "good:", "last: good", "next: bad", "nextnext: next"}
	tests := []struct {
		name    string
		lines   []string
		fail    string
		down    bool
		policy  Policy
		started string
		results string
	}{
		{"all well, by levels", []string{"app: db zone", "db: vpc", "vpc:", "zone:"}, "", false, Policy{},
			"vpc zone db app", "vpc succeeded, zone succeeded, db succeeded, app succeeded"},
		{"down", []string{"app: db", "db: vpc", "vpc:"}, "", true, Policy{},
			"app db vpc", "app succeeded, db succeeded, vpc succeeded"},
		{"a failure skips what is behind it", chain, "bad", false, Policy{},
			"bad good last",
			"bad failed, good succeeded, last succeeded, next skipped<bad<bad, nextnext skipped<next<bad"},
		{"down, it skips the dependencies", []string{"app: db", "db: vpc", "vpc:", "web: vpc"}, "app", true, Policy{},
			"app web",
			"app failed, web succeeded, db skipped<app<app, vpc skipped<db<app"},
		{"fail fast", chain, "bad", false, Policy{FailFast: true},
			"bad",
			"bad failed, good skipped<<bad, last skipped<good<bad, next skipped<bad<bad, nextnext skipped<next<bad"},
		{"ignore errors", chain, "bad next", false, Policy{IgnoreErrors: true},
			"bad good last next nextnext",
			"bad failed, good succeeded, last succeeded, next failed, nextnext succeeded"},
		{"ignore errors overrules fail fast", chain, "bad", false, Policy{IgnoreErrors: true, FailFast: true},
			"bad good last next nextnext",
			"bad failed, good succeeded, last succeeded, next succeeded, nextnext succeeded"},
		{"ignore order still skips what has not started", []string{"a:", "b: a", "c: b"}, "a", false, Policy{IgnoreOrder: true},
			"a", "a failed, b skipped<a<a, c skipped<b<a"},
		{"ignore order, behind a unit that has run", []string{"x/a: z", "x/b: x/a", "z:"}, "z", true, Policy{IgnoreOrder: true},
			"x/b x/a z", "x/b succeeded, x/a succeeded, z failed"},
		{"two failures, the first one before it is blamed", []string{"a:", "b:", "c: a b", "d: c"}, "a b", false, Policy{},
			"a b", "a failed, b failed, c skipped<a<a, d skipped<c<a"},
		{"nothing", nil, "", false, Policy{}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := fakeStack(tt.lines...)
			sc := newScript(s, tt.fail)
			d := Up
			if tt.down {
				d = Down
			}
			tt.policy.Parallelism = 1
			results := Run(context.Background(), mustGraph(t, s, d), tt.policy, sc.work)
			if got := strings.Join(sc.started, " "); got != tt.started {
				t.Errorf("started %q, want %q", got, tt.started)
			}
			var out []string
			for _, r := range results {
				out = append(out, outcome(sc.names, r))
				checkResult(t, sc.names[r.Unit], r)
			}
			if got := strings.Join(out, ", "); got != tt.results {
				t.Errorf("got results\n%s\nwant\n%s", got, tt.results)
			}
		})
	}
}

// checkResult checks what holds for the result of a scripted unit in any mode.
func checkResult(t *testing.T, name string, r Result[string]) {
	t.Helper()
	var skip *SkipError
	ok := !r.Start.IsZero() && !r.End.Before(r.Start)
	switch r.State {
	case Succeeded:
		ok = ok && r.Err == nil && r.Value == "did "+name && r.Cause == nil && r.Via == nil
	case Failed:
		ok = ok && errors.Is(r.Err, errBroken) && r.Value == "tried "+name && r.Cause == nil && r.Via == nil
	case Skipped:
		ok = ok && errors.As(r.Err, &skip) && r.Value == "" && r.Start.Equal(r.End)
	default:
		ok = false
	}
	if !ok {
		t.Errorf("%s: inconsistent result %+v", name, r)
	}
}

func TestSkipErrors(t *testing.T) {
	t.Parallel()
	s := fakeStack("bad:", "next: bad", "nextnext: next")
	results := Run(context.Background(), mustGraph(t, s, Up), Policy{}, newScript(s, "bad").work)
	dir := func(name string) string { return s.unit(name).Dir() }
	for i, want := range []string{
		"broken",
		"Unit '" + dir("next") + "' did not run due to a failure in '" + dir("bad") + "'",
		"Unit '" + dir("nextnext") + "' did not run due to an earlier failure in '" + dir("bad") + "'",
	} {
		if got := fmt.Sprint(results[i].Err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// watcher is an Observer for tests. The queue calls it from one goroutine.
type watcher struct {
	log      []string
	names    map[*config.Unit]string
	finished func(*config.Unit, State)
}

func (w *watcher) UnitStarted(u *config.Unit) { w.log = append(w.log, "+"+w.names[u]) }
func (w *watcher) UnitFinished(u *config.Unit, s State, err error) {
	w.log = append(w.log, fmt.Sprintf("%s %v %v", w.names[u], s, err != nil))
	if w.finished != nil {
		w.finished(u, s)
	}
}

func TestObserverAndExcluded(t *testing.T) {
	t.Parallel()
	s := fakeStack("a:", "b: a", "c:", "off:")
	s.unit("off").Outline.Exclude = &config.Exclude{If: true, Actions: []string{"all"}}
	sc := newScript(s, "a")
	g, err := s.Select(nil).Exclude(Rules{Command: "plan"}).Graph(context.Background(), Up)
	if err != nil {
		t.Fatal(err)
	}
	w := &watcher{names: sc.names}
	results := Run(context.Background(), g, Policy{Parallelism: 1, Observer: w}, sc.work)
	want := []string{"+a", "a failed true", "b skipped true", "+c", "c succeeded false"}
	if !slices.Equal(w.log, want) {
		t.Errorf("observed %v, want %v", w.log, want)
	}
	off := results[len(results)-1]
	if len(results) != 4 || off.State != Excluded || off.Unit != s.unit("off").Unit || off.Cause != off.Unit || off.Start.IsZero() || off.Err != nil {
		t.Errorf("got %+v", results)
	}
	if x := g.Excluded(); len(x) != 1 || x[0].Reason != ExcludeBlock {
		t.Errorf("excluded: %+v", x)
	}
}

func TestRunRefusesCycle(t *testing.T) {
	t.Parallel()
	s := fakeStack("a: b", "b: a", "c:")
	g, err := s.Graph(context.Background(), Up)
	sc := newScript(s, "")
	results := Run(context.Background(), g, Policy{}, sc.work)
	if len(results) != 3 || len(sc.started) != 0 {
		t.Fatalf("got %d results, started %v", len(results), sc.started)
	}
	for _, r := range results {
		if r.State != Failed || !errors.Is(r.Err, err) {
			t.Errorf("got %+v", r)
		}
	}
}
