package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
)

// counting stands before the bare binary and writes down how it is called.
const counting = "#!/bin/sh\necho \"$*\" >>\"$CALLS\"\nexec \"$REAL\" \"$@\"\n"

// second: which commands a second `run --all plan` starts beside the plans, with states in s3
// and a unit that reads the outputs of all others.
func (b *bench) second() ([]row, error) {
	if runtime.GOOS == "windows" {
		return nil, nil // the stand-in is a script of sh
	}
	env, done, err := b.withS3()
	if env == nil {
		return nil, err
	}
	defer done()
	live, bin, calls := filepath.Join(b.dir, "second"), filepath.Join(b.dir, "counting"), filepath.Join(b.dir, "calls")
	units, err := makeStates(live, min(b.small, 20))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(bin, []byte(counting), 0o755); err != nil {
		return nil, err
	}
	env = append(env, "TG_TF_PATH="+bin, "REAL="+b.tf, "CALLS="+calls)
	for _, words := range [][]string{{"--backend-bootstrap", "apply"}, {"plan"}} {
		if _, err := (call{dir: live, env: env, argv: append([]string{b.terrace, "run", "--all", "--non-interactive"}, words...)}).once(); err != nil {
			return nil, err
		}
	}
	if err := os.Remove(calls); err != nil {
		return nil, err
	}
	took, err := (call{dir: live, env: env, argv: []string{b.terrace, "run", "--all", "plan"}}).once()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(calls)
	if err != nil {
		return nil, err
	}
	plans := len(regexp.MustCompile(`(?m)^plan`).FindAll(text, -1))
	others := len(regexp.MustCompile(`(?m)^(init|output|state|show|workspace)`).FindAll(text, -1))
	return []row{{comparison{ours: took}, fmt.Sprintf("`init` and `output` in a second `run --all plan`, %d units with states in s3", len(units)+1),
		"none, and each plan", fmt.Sprintf("%d, and %d plans", others, plans), others == 0 && plans == len(units)+1}}, nil
}
