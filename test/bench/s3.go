package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/terrace-iac/terrace/test/parts"
)

const s3Root = `remote_state {
  backend  = "s3"
  generate = { path = "backend.tf", if_exists = "overwrite" }
  config = {
    bucket                      = "bench"
    key                         = "${path_relative_to_include()}/terraform.tfstate"
    region                      = "us-east-1"
    use_path_style              = true
    use_lockfile                = true
    bucket_sse_algorithm        = "AES256"
    skip_credentials_validation = true
    skip_requesting_account_id  = true
  }
}
`

// states: what units cost whose states are in a bucket, on a server of this machine. Without
// one nothing is measured.
func (b *bench) states() ([]row, error) {
	env, done, err := b.withS3()
	if env == nil {
		return nil, err
	}
	defer done()
	live := filepath.Join(b.dir, "states")
	units, err := makeStates(live, b.small)
	if err != nil {
		return nil, err
	}
	calling := func(dir string, argv ...string) call { return call{dir: dir, env: env, argv: argv} }
	parallelism := strconv.Itoa(runtime.NumCPU())
	if _, err := calling(filepath.Join(live, "units"), b.terrace, "run", "--all", "--non-interactive", "--backend-bootstrap", "apply").once(); err != nil {
		return nil, err
	}
	var bare []call
	for _, unit := range units {
		prepared, err := preparedDir(unit) // where the backend is named
		if err != nil {
			return nil, err
		}
		bare = append(bare, calling(prepared, b.tf, "plan", "-input=false"))
	}
	all, err := pairs(b.rounds(5),
		calling(filepath.Join(live, "units"), b.terrace, "run", "--all", "--parallelism", parallelism, "plan").once,
		func() (time.Duration, error) { return atOnce(runtime.NumCPU(), bare) })
	if err != nil {
		return nil, err
	}
	outputs, err := pairs(b.rounds(9), calling(filepath.Join(live, "reader"), b.terrace, "render", "--json").once, b.call(b.dir, b.tf, "version").once)
	return []row{
		ratioRow(fmt.Sprintf("`run --all plan`, %d units with states in s3, warm, to %d bare `plan`s, %s at once", len(units), len(units), parallelism), all, 1.15),
		{outputs, fmt.Sprintf("outputs of %d dependencies read from s3 (bare: `version`)", len(units)), "at most 1 s", ms(outputs.ours), outputs.ours <= time.Second},
	}, err
}

// withS3 starts the server and gives the environment that points at it; none, and no error,
// where it is not installed.
func (b *bench) withS3() (env []string, done func() error, err error) {
	server, err := parts.Start(parts.MinIO)
	var missing *parts.MissingError
	if errors.As(err, &missing) {
		fmt.Fprintln(os.Stderr, "states in s3 are not measured:", err)
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	env = slices.Clone(b.env)
	for name, value := range server.Env {
		env = append(env, name+"="+value)
	}
	return env, server.Close, nil
}

// makeStates writes n units in the folder units, and beside it one that reads all of them. It
// returns their folders.
func makeStates(live string, n int) ([]string, error) {
	const include = "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\n"
	var dirs []string
	var reader, inputs strings.Builder
	reader.WriteString(include)
	for i := range n {
		name := fmt.Sprintf("u%03d", i)
		dir := filepath.Join(live, "units", name)
		dirs = append(dirs, dir)
		for file, text := range map[string]string{"terragrunt.hcl": include, "main.tf": fmt.Sprintf("output \"id\" {\n  value = %q\n}\n", name)} {
			if err := write(filepath.Join(dir, file), text); err != nil {
				return nil, err
			}
		}
		fmt.Fprintf(&reader, "dependency %q {\n  config_path = \"../units/%s\"\n}\n", name, name)
		fmt.Fprintf(&inputs, "  %s = dependency.%s.outputs.id\n", name, name)
	}
	fmt.Fprintf(&reader, "inputs = {\n%s}\n", inputs.String())
	for file, text := range map[string]string{"root.hcl": s3Root, "reader/terragrunt.hcl": reader.String(), "reader/main.tf": "# nothing\n"} {
		if err := write(filepath.Join(live, filepath.FromSlash(file)), text); err != nil {
			return nil, err
		}
	}
	return dirs, nil
}
