package shell

import (
	"bytes"
	"context"
	"errors"
)

// Tofu runs commands of the wrapped binary that we, not the user, ask for.
type Tofu struct {
	Bin  string   // a name on the PATH of Env, or a path
	Dir  string   // the working folder: where the module's code is
	Env  []string // as in Cmd
	Exec Executor
}

// Init runs `init` with the given arguments behind it.
func (t Tofu) Init(ctx context.Context, args []string, s Streams) error {
	return t.run(ctx, InitArgs(args), s)
}

// Output gives the outputs of the state as the JSON object of `output -json`.
func (t Tofu) Output(ctx context.Context) ([]byte, error) {
	return t.object(ctx, OutputArgs())
}

// ShowJSON gives a saved plan as JSON, or the state if planFile is empty. A
// relative planFile is relative to Dir.
func (t Tofu) ShowJSON(ctx context.Context, planFile string) ([]byte, error) {
	return t.object(ctx, ShowArgs(planFile))
}

// InitArgs is the command line of Init.
func InitArgs(args []string) []string {
	return append([]string{"init"}, args...)
}

// OutputArgs is the command line of Output.
func OutputArgs() []string { return []string{"output", "-json"} }

// ShowArgs is the command line of ShowJSON.
func ShowArgs(planFile string) []string {
	args := []string{"show", "-json"}
	if planFile != "" {
		args = append(args, planFile)
	}
	return args
}

func (t Tofu) run(ctx context.Context, args []string, s Streams) error {
	return t.Exec.Run(ctx, Cmd{
		Path: t.Bin, Args: args, Dir: t.Dir, Env: t.Env,
		Stdin: s.Stdin, Stdout: s.Stdout, Stderr: s.Stderr,
	})
}

func (t Tofu) object(ctx context.Context, args []string) ([]byte, error) {
	var out bytes.Buffer
	if err := t.run(ctx, args, Streams{Stdout: &out}); err != nil {
		return nil, err
	}
	object, ok := FirstJSONObject(out.Bytes())
	if !ok {
		return nil, &OutputError{Path: t.Bin, Args: args, Dir: t.Dir, Err: errNoObject}
	}
	return object, nil
}

var errNoObject = errors.New("no JSON object in it")
