package run

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
)

// The init before a command is a step of its own, and its time is not part of
// the command's.
func TestStepsAreTimed(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		"base/main.tf": "", "base/terragrunt.hcl": "",
		"unit/main.tf": "", "unit/terragrunt.hcl": "dependency \"base\" {\n  config_path = \"../base\"\n}\ninputs = { x = dependency.base.outputs }\n",
	})
	const initTime = 60 * time.Millisecond
	b.rec.script = func(c shell.Cmd) answer {
		switch {
		case c.Args[0] == "init":
			return answer{do: func() { time.Sleep(initTime) }}
		case c.Args[0] == "output":
			return answer{stdout: `{"a":{"sensitive":false,"type":"string","value":"1"}}`}
		}
		return answer{}
	}
	var mu sync.Mutex
	var told []string
	b.opts.OnStep = func(u *config.Unit, step string) {
		mu.Lock()
		defer mu.Unlock()
		if u.Dir() != b.path("unit") {
			t.Errorf("%s was announced: nobody asked for it", u.Dir())
		}
		told = append(told, step)
	}
	o := b.must("unit", "plan")
	var names []string
	took := map[string]time.Duration{}
	for _, s := range o.Steps {
		names = append(names, s.Step)
		took[s.Step] = s.Time
	}
	if want := []string{"evaluate", "fetch", "generate", "admit", "arguments", "init", "run"}; !slices.Equal(names, want) {
		t.Errorf("steps %v, want %v", names, want)
	}
	if want := []string{"evaluate", "fetch", "generate", "admit", "arguments", "run", "init", "run"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	if took["init"] < initTime {
		t.Errorf("init took %v", took["init"])
	}
	for name, d := range took {
		if d < 0 {
			t.Errorf("%s took %v", name, d)
		}
	}
	if again := b.must("unit", "plan"); slices.ContainsFunc(again.Steps, func(s Timing) bool { return s.Step == "init" }) {
		t.Errorf("an init that was not needed is counted: %v", again.Steps)
	}
}

func TestRepeatedStepsAddUp(t *testing.T) {
	t.Parallel()
	j, started := &job{Runner: &Runner{}}, time.Now()
	for range 2 {
		_ = j.timed("outer", func() error {
			return j.timed("inner", func() error { time.Sleep(20 * time.Millisecond); return nil })
		})
	}
	if len(j.outcome.Steps) != 2 || j.outcome.Steps[0].Step != "inner" || j.outcome.Steps[0].Time < 40*time.Millisecond {
		t.Errorf("%v", j.outcome.Steps)
	}
	if all := time.Since(started); j.outcome.Steps[0].Time+j.outcome.Steps[1].Time > all {
		t.Errorf("the outer step counts what the inner took: %v of %v", j.outcome.Steps, all)
	}
}
