package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// rounds is how often each kind of question is asked.
func (b *bench) rounds(full int) int {
	if b.quick {
		return max(2, full/5)
	}
	return full
}

func (b *bench) call(dir string, argv ...string) call {
	return call{dir: dir, env: b.env, argv: argv}
}

// startUp: what it costs to start at all.
func (b *bench) startUp() ([]row, error) {
	got, err := pairs(b.rounds(40),
		b.call(b.dir, b.terrace, "--version").once, b.call(b.dir, b.tf, "version").once)
	return []row{ratioRow("start-up: `terrace --version` to bare `version`", got, 0.5)}, err
}

// listing: what it costs to know all units, how they depend on each other, and with the large
// parent what they read and whether all of it can be evaluated.
func (b *bench) listing() ([]row, error) {
	var rows []row
	for _, expressions := range []int{0, b.expressions} {
		r, err := makeRepo(filepath.Join(b.dir, fmt.Sprintf("large-%d", expressions)), b.large, expressions)
		if err != nil {
			return nil, err
		}
		if _, err := b.call(r.dir, b.terrace, "hcl", "fmt").once(); err != nil {
			return nil, err
		}
		questions := []question{{"graph", "find --json --dependencies", 15, 6}}
		if expressions > 0 {
			questions = append(questions,
				question{"listing", "find", 15, 1},
				question{"tree", "list --dag", 9, 6},
				question{"format", "hcl fmt --check", 9, 5},
				question{"files read", "find --json --dependencies --reading", 9, 30},
				question{"everything", "hcl validate", 9, 30})
		}
		for _, q := range questions {
			got, err := pairs(b.rounds(q.rounds),
				b.call(r.dir, append([]string{b.terrace}, strings.Fields(q.words)...)...).once, b.call(b.dir, b.tf, "version").once)
			if err != nil {
				return nil, err
			}
			rows = append(rows, ratioRow(q.title(b.large, expressions), got, q.most))
		}
	}
	return rows, nil
}

// question is a command that is compared with the bare `version`.
type question struct {
	what, words string
	rounds      int
	most        float64 // the target
}

func (q question) title(units, expressions int) string {
	title := fmt.Sprintf("%s: `%s`, %d units, to bare `version`", q.what, q.words, units)
	if expressions > 0 {
		title += fmt.Sprintf(", with %d more locals in root.hcl", expressions)
	}
	return title
}

// plans: what planning one unit, and all of them, costs on top of the bare plans. Everything
// is applied first, so that each plan reads the real outputs of its dependencies.
func (b *bench) plans() ([]row, error) {
	r, err := makeRepo(filepath.Join(b.dir, "small"), b.small, 0)
	if err != nil {
		return nil, err
	}
	parallelism := strconv.Itoa(runtime.NumCPU())
	apply := b.call(r.dir, b.terrace, "run", "--all", "--non-interactive", "--parallelism", parallelism, "apply")
	if _, err := apply.once(); err != nil {
		return nil, err
	}
	bare, err := b.barePlans(r)
	if err != nil {
		return nil, err
	}
	last := len(r.units) - 1
	one, err := pairs(b.rounds(25),
		b.call(r.units[last].dir, b.terrace, "plan", "-input=false").once, bare[last].once)
	if err != nil {
		return nil, err
	}
	all, err := pairs(b.rounds(7),
		b.call(r.dir, b.terrace, "run", "--all", "--parallelism", parallelism, "plan").once,
		func() (time.Duration, error) { return atOnce(runtime.NumCPU(), bare) })
	return []row{
		differenceRow("one warm `plan`, more than the bare `plan` in the prepared folder", one, 20*time.Millisecond),
		ratioRow(fmt.Sprintf("`run --all plan`, %d units, warm, to %d bare `plan`s, %s at once", b.small, b.small, parallelism), all, 1.15),
	}, err
}

// barePlans returns one plan for each unit, in the folder that terrace prepared and with the
// variables that it would set.
func (b *bench) barePlans(r *repo) ([]call, error) {
	var calls []call
	for _, u := range r.units {
		dir, err := preparedDir(u.dir)
		if err != nil {
			return nil, err
		}
		up, err := json.Marshal(append([]string{}, u.upstream...))
		if err != nil {
			return nil, err
		}
		env, _, _ := strings.Cut(strings.TrimPrefix(u.dir, r.dir+string(filepath.Separator)), string(filepath.Separator))
		calls = append(calls, call{dir: dir, argv: []string{b.tf, "plan", "-input=false"}, env: append(b.env[:len(b.env):len(b.env)],
			"TF_VAR_name="+u.name, "TF_VAR_upstream="+string(up), `TF_VAR_tags={"environment":"`+env+`"}`)})
	}
	return calls, nil
}

// preparedDir finds the folder below the unit's cache that holds the module.
func preparedDir(unitDir string) (string, error) {
	var found string
	err := filepath.WalkDir(filepath.Join(unitDir, ".terragrunt-cache"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == "main.tf" {
			found = filepath.Dir(path)
			return filepath.SkipAll
		}
		return err
	})
	if err == nil && found == "" {
		err = fmt.Errorf("no prepared folder below %s", unitDir)
	}
	return found, err
}

// atOnce runs all calls, n at a time, and returns the time from the first start to the last end.
func atOnce(n int, calls []call) (time.Duration, error) {
	start := time.Now()
	next := make(chan call)
	errs := make(chan error, n)
	for range n {
		go func() {
			var first error
			for c := range next {
				if _, err := c.once(); err != nil && first == nil {
					first = err
				}
			}
			errs <- first
		}()
	}
	for _, c := range calls {
		next <- c
	}
	close(next)
	var first error
	for range n {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return time.Since(start), first
}
