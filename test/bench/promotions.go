package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// The variables by which this program knows that it stands in for the binary.
const (
	timedVariable = "TERRACE_BENCH_TIMED" // the binary
	timesVariable = "TERRACE_BENCH_TIMES" // the file for the seconds
)

// promotions: what carrying a release into many units at once costs beyond the binary: the wall
// time less what its processes took, divided by how many ran at once. The binary is called
// through this program, which writes down how long each call took.
func (b *bench) promotions() ([]row, error) {
	dir := filepath.Join(b.dir, "promotion")
	if err := b.makePromotion(dir); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	times := filepath.Join(dir, "times")
	env := append(b.env[:len(b.env):len(b.env)], "TG_TF_PATH="+self, timedVariable+"="+b.tf, timesVariable+"="+times,
		"GIT_AUTHOR_NAME=bench", "GIT_AUTHOR_EMAIL=bench@example.com", "GIT_COMMITTER_NAME=bench", "GIT_COMMITTER_EMAIL=bench@example.com")
	at := runtime.NumCPU()
	live := filepath.Join(dir, "live")
	promote := call{dir: live, env: env, argv: []string{b.terrace, "promote", "--to", "dev", "--version", "v0.0.2", "--auto-approve", "--parallelism", strconv.Itoa(at)}}
	took, err := promote.once()
	if err != nil {
		return nil, err
	}
	children, calls, err := readTimes(times)
	if err != nil {
		return nil, err
	}
	share := children / time.Duration(at)
	if got, err := os.ReadFile(filepath.Join(live, "dev", "unit-000", "terragrunt.hcl")); err != nil || !strings.Contains(string(got), "v0.0.2") {
		return nil, fmt.Errorf("the promotion has edited nothing: %w", err)
	}
	c := comparison{ours: took, bare: share, ratio: float64(took) / float64(share), more: took - share}
	r := differenceRow(fmt.Sprintf("`promote --to dev` of %d units: wall time more than that of %d calls of the binary, %d at once", b.promoted, calls, at), c, 20*time.Second)
	return []row{r}, nil
}

// readTimes adds up the seconds in a file with one call a line.
func readTimes(path string) (sum time.Duration, n int, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		seconds, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
		if err != nil {
			return 0, 0, fmt.Errorf("%s: %w", path, err)
		}
		sum += time.Duration(seconds * float64(time.Second))
		n++
	}
	return sum, n, nil
}

// timedCall stands in for the binary: it runs it, and adds a line with the
// seconds that it took to a file.
func timedCall(binary string) int {
	cmd := exec.Command(binary, os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	file, openErr := os.OpenFile(os.Getenv(timesVariable), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if openErr != nil {
		fmt.Fprintln(os.Stderr, "bench:", openErr)
		return 125
	}
	defer file.Close()
	fmt.Fprintf(file, "%.6f\n", took.Seconds())
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	return 125
}

// makePromotion writes a modules repository with two releases, and a live repository of which
// dev is deployed from the first.
func (b *bench) makePromotion(dir string) error {
	modules, live := filepath.Join(dir, "modules"), filepath.Join(dir, "live")
	for n := 1; n <= 2; n++ {
		module := fmt.Sprintf("variable \"name\" {}\nvariable \"up\" {\n  default = \"\"\n}\nresource \"terraform_data\" \"x\" {\n  input = \"${var.name}-%d\"\n}\noutput \"id\" {\n  value = \"${var.name}-%d\"\n}\n", n, n)
		if err := write(filepath.Join(modules, "main.tf"), module); err != nil {
			return err
		}
		if err := commitAll(modules, fmt.Sprintf("v0.0.%d", n)); err != nil {
			return err
		}
	}
	if err := writePromoted(live, modules, b.promoted); err != nil {
		return err
	}
	if err := commitAll(live, "start"); err != nil {
		return err
	}
	_, err := b.call(live, b.terrace, "run", "--all", "--non-interactive", "--parallelism", strconv.Itoa(runtime.NumCPU()), "apply").once()
	return err
}

// writePromoted writes n units, in groups of ten of which the first is what the others read.
func writePromoted(live, modules string, n int) error {
	files := map[string]string{
		".gitignore":  ".terragrunt-cache\n.terraform.lock.hcl\n.state\n",
		"terrace.hcl": "environment \"dev\" {\n  path = \"dev\"\n}\n",
		"root.hcl":    "remote_state {\n  backend  = \"local\"\n  generate = { path = \"backend.tf\", if_exists = \"overwrite\" }\n  config   = { path = \"${get_repo_root()}/.state/${path_relative_to_include()}.tfstate\" }\n}\n",
	}
	for i := range n {
		text := fmt.Sprintf("include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\nterraform {\n  source = \"git::file://%s?ref=v0.0.1\"\n}\n", modules)
		inputs := fmt.Sprintf("  name = \"unit-%03d\"\n", i)
		if i%10 > 0 {
			text += fmt.Sprintf("dependency \"first\" {\n  config_path = \"../unit-%03d\"\n}\n", i-i%10)
			inputs += "  up   = dependency.first.outputs.id\n"
		}
		files[fmt.Sprintf("dev/unit-%03d/terragrunt.hcl", i)] = text + "inputs = {\n" + inputs + "}\n"
	}
	for name, text := range files {
		if err := write(filepath.Join(live, filepath.FromSlash(name)), text); err != nil {
			return err
		}
	}
	return nil
}

// commitAll commits what is in a folder and tags it.
func commitAll(dir, tag string) error {
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"}, {"add", "--all"},
		{"-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit", "--quiet", "--message", tag}, {"tag", tag},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}
