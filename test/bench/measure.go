package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// call is one command to measure: it is started afresh each time.
type call struct {
	dir  string
	env  []string
	argv []string
}

// once runs the command and returns the wall-clock time from start to end.
func (c call) once() (time.Duration, error) {
	cmd := exec.Command(c.argv[0], c.argv[1:]...)
	cmd.Dir, cmd.Env = c.dir, c.env
	out, err := os.CreateTemp("", "terrace-bench-out-")
	if err != nil {
		return 0, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	start := time.Now()
	err = cmd.Run()
	took := time.Since(start)
	if err != nil {
		text, _ := os.ReadFile(out.Name())
		return 0, fmt.Errorf("%s in %s: %w\n%s", strings.Join(c.argv, " "), c.dir, err, tail(text))
	}
	return took, nil
}

func tail(text []byte) []byte {
	const most = 4000
	if len(text) > most {
		return text[len(text)-most:]
	}
	return text
}

// comparison is what pairs of measurements came to. Ratio and more compare within each pair,
// whose two halves ran under much the same load; their medians are therefore not exactly the
// ratio and the difference of ours and bare, which are medians over all rounds.
type comparison struct {
	ours, bare time.Duration
	ratio      float64
	more       time.Duration
}

// pairs runs ours and bare in turns, n times each after one that does not count. Which comes
// first changes from pair to pair.
func pairs(n int, ours, bare func() (time.Duration, error)) (comparison, error) {
	var times [2][]time.Duration
	var ratios []float64
	var more []time.Duration
	funcs := [2]func() (time.Duration, error){ours, bare}
	for round := range n + 1 {
		var took [2]time.Duration
		for k := range 2 {
			which := (k + round) % 2
			var err error
			if took[which], err = funcs[which](); err != nil {
				return comparison{}, err
			}
		}
		if round == 0 {
			continue
		}
		times[0], times[1] = append(times[0], took[0]), append(times[1], took[1])
		ratios = append(ratios, float64(took[0])/float64(took[1]))
		more = append(more, took[0]-took[1])
	}
	return comparison{median(times[0]), median(times[1]), median(ratios), median(more)}, nil
}

func median[N time.Duration | float64](values []N) N {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
