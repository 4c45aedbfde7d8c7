// Command bench measures the built binary against the bare tofu or terraform, on repositories
// that it makes in a temporary folder, and prints a Markdown table.
//
// usage: go run ./test/bench -terrace ./terrace [-tf terraform] [-quick] [-strict] [-only sources,states]
//
// Every figure is a ratio or a difference to the bare binary measured in the same run: the two
// are called in turns, and medians are compared, so that a slow or busy machine changes both.
// With -strict the exit status is 1 where a target is missed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

type options struct {
	terrace, tf   string
	small, large  int
	expressions   int
	promoted      int
	quick, strict bool
	keep          bool
	only          string
}

func main() {
	if binary := os.Getenv(timedVariable); binary != "" {
		os.Exit(timedCall(binary))
	}
	var o options
	flag.StringVar(&o.terrace, "terrace", "./terrace", "the binary to measure")
	flag.StringVar(&o.tf, "tf", "", "the bare binary; by default tofu or terraform from PATH")
	flag.IntVar(&o.small, "small", 100, "units of the repository that is planned")
	flag.IntVar(&o.large, "large", 1000, "units of the repository that is listed")
	flag.IntVar(&o.expressions, "expressions", 300, "locals in the root.hcl of the second listed repository")
	flag.IntVar(&o.promoted, "promoted", 300, "units of the repository in which a release is promoted")
	flag.BoolVar(&o.quick, "quick", false, "fewer rounds and 20 planned units: a look, not a measurement")
	flag.BoolVar(&o.strict, "strict", false, "exit with 1 where a target is missed")
	flag.BoolVar(&o.keep, "keep", false, "keep the repositories and say where they are")
	flag.StringVar(&o.only, "only", "", "measure these groups alone, separated by commas: "+strings.Join(groupNames(), ", "))
	flag.Parse()
	met, err := run(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if o.strict && !met {
		os.Exit(1)
	}
}

// run measures and prints; it says whether every target was met.
func run(o options) (bool, error) {
	b, err := newBench(o)
	if err != nil {
		return false, err
	}
	if o.keep {
		fmt.Fprintln(os.Stderr, "repositories:", b.dir)
	} else {
		defer os.RemoveAll(b.dir)
	}
	groups, err := chosen(o.only)
	if err != nil {
		return false, err
	}
	var rows []row
	for _, g := range groups {
		got, err := g.measure(b)
		if err != nil {
			return false, err
		}
		rows = append(rows, got...)
	}
	fmt.Print(table(rows))
	fmt.Println()
	fmt.Println(b.machine())
	return allMet(rows), nil
}

// bench holds what all measurements share.
type bench struct {
	options
	dir string // temporary; holds everything that is written
	env []string
}

func newBench(o options) (*bench, error) {
	var err error
	if o.terrace, err = filepath.Abs(o.terrace); err != nil {
		return nil, err
	}
	if _, err := os.Stat(o.terrace); err != nil {
		return nil, err
	}
	if o.tf, err = findTF(o.tf); err != nil {
		return nil, err
	}
	if o.quick {
		o.small, o.promoted = min(o.small, 20), min(o.promoted, 30)
	}
	dir, err := os.MkdirTemp("", "terrace-bench-")
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	b := &bench{options: o, dir: dir}
	b.env, err = b.environment()
	return b, err
}

func findTF(name string) (string, error) {
	names := []string{"tofu", "terraform"}
	if name != "" {
		names = []string{name}
	}
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", errors.New("neither tofu nor terraform on PATH; `make bench` brings one")
}

// environment is the user's without what would change the behaviour of either binary, and
// with all caches in the temporary folder.
func (b *bench) environment() ([]string, error) {
	config := filepath.Join(b.dir, "tfrc")
	if err := os.WriteFile(config, nil, 0o644); err != nil {
		return nil, err
	}
	var env []string
	for _, pair := range os.Environ() {
		if !hasPrefix(pair, "TG_", "TF_", "TERRAGRUNT_", "TOFU_") {
			env = append(env, pair)
		}
	}
	home := filepath.Join(b.dir, "home")
	return append(env, "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+config, "TG_TF_PATH="+b.tf, "TG_NO_TIPS=true",
		"HOME="+home, "USERPROFILE="+home, "XDG_CACHE_HOME="+filepath.Join(home, "cache")), os.MkdirAll(home, 0o755)
}

func hasPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
