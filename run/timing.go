package run

import "time"

// Timing is how long a step took. What a step within it took, such as the init
// before a command, is not counted again.
type Timing struct {
	Step string
	Time time.Duration
}

// timed does a step of the unit's way, tells who is listening, and notes how
// long it took. A step that is repeated, as an init by a rule for errors, adds
// up.
func (j *job) timed(name string, do func() error) error {
	around, inner := j.step, j.inner
	j.enter(name)
	j.inner = 0
	started := time.Now()
	err := do()
	took := time.Since(started)
	j.note(name, took-j.inner)
	j.inner = inner + took
	if j.step = around; around != "" {
		j.enter(around)
	}
	return err
}

func (j *job) enter(name string) {
	j.step = name
	if j.opts.OnStep != nil && !j.aside {
		j.opts.OnStep(j.unit, name)
	}
}

func (j *job) note(name string, took time.Duration) {
	for i := range j.outcome.Steps {
		if j.outcome.Steps[i].Step == name {
			j.outcome.Steps[i].Time += took
			return
		}
	}
	j.outcome.Steps = append(j.outcome.Steps, Timing{name, took})
}
