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

// pairs runs ours and bare in turns, n times each after one that does not count, and returns
// the two medians. Which comes first changes from pair to pair.
func pairs(n int, ours, bare func() (time.Duration, error)) (o, b time.Duration, err error) {
	var times [2][]time.Duration
	funcs := [2]func() (time.Duration, error){ours, bare}
	for round := range n + 1 {
		for k := range 2 {
			which := (k + round) % 2
			took, err := funcs[which]()
			if err != nil {
				return 0, 0, err
			}
			if round > 0 {
				times[which] = append(times[which], took)
			}
		}
	}
	return median(times[0]), median(times[1]), nil
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
