package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	urfave "github.com/urfave/cli/v2"
)

// Main runs the program with the words and variables given, args[0] being its
// own name, and returns the exit status.
func Main(args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{
		table:    newTable(),
		env:      newEnvironment(env),
		environ:  env,
		handlers: handlers(),
		stdin:    stdin, stdout: stdout, stderr: stderr,
	}
	if line, ok := completionLine(p.env); ok {
		writeCandidates(stdout, complete(p.table, line), isSet(p.env, describeVar))
		return 0
	}
	if len(args) > 0 {
		args = args[1:]
	}
	return p.run(context.Background(), args)
}

// program is what one call of Main needs.
type program struct {
	table    *table
	env      environment
	environ  []string
	handlers map[string]handler
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
}

// run does everything between the words and the exit status. Mistakes in the
// words are shown without a tip: their text is the advice.
func (p *program) run(ctx context.Context, argv []string) int {
	early := newLineNotifier(p.stderr, logOptions{Level: "info"})
	argv, legacy := rewriteLegacy(p.table, argv)
	w, err := split(p.table, argv)
	if w.Help || w.Version {
		// Asked for help, a mistake beside it does not matter.
		err = nil
	}
	if err != nil {
		early.Error(err.Error())
		return 1
	}
	if done, code := p.answer(ctx, w, early); done {
		return code
	}
	inv, warnings, err := p.invocation(w)
	if err != nil {
		early.Error(err.Error())
		return 1
	}
	warnings = append(append(legacy, w.Warnings...), warnings...)
	if err := inv.Global.Strict.enforce(warnings); err != nil {
		inv.Notify.Error(err.Error())
		return 1
	}
	for _, x := range warnings {
		inv.Notify.Warn(x.Text)
	}
	return p.finish(inv, func() (int, error) {
		return p.traced(ctx, inv, func(ctx context.Context) (int, error) {
			return profiled(inv.Global.Profile, func() (int, error) { return p.dispatch(ctx, inv) })
		})
	})
}

// invocation gives every flag its value.
func (p *program) invocation(w words) (*invocation, []warning, error) {
	cwd, err := workingDir()
	if err != nil {
		return nil, nil, err
	}
	v, warnings, err := bind(p.table, w, p.env)
	if err != nil {
		return nil, nil, err
	}
	g, more, err := newGlobalOptions(v, p.env, cwd)
	if err != nil {
		return nil, nil, err
	}
	return &invocation{
		Command: w.Command, Values: v, Args: w.Args, TF: w.TF, Global: g, Cwd: cwd, Env: p.environ,
		Stdin: p.stdin, Stdout: p.stdout, Stderr: p.stderr,
		Notify: newLineNotifier(p.stderr, g.Log),
	}, append(warnings, more...), nil
}

func workingDir() (string, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("current folder: %w", err)
	}
	return filepath.Clean(cwd), nil
}

// finish prints an error and makes it an exit status.
func (p *program) finish(inv *invocation, work func() (int, error)) int {
	code, err := work()
	if err == nil {
		return code
	}
	if isBrokenPipe(err) {
		return exitBrokenPipe
	}
	showError(inv, err)
	if inv.Global.Tips.Wanted(tipDebugging) {
		inv.Notify.Info(tipLine(tipDebugging, tipTextDebugging))
	}
	if code == 0 {
		return 1
	}
	return code
}

// dispatch hands the invocation to the handler of its command, through the
// urfave application made of that command alone. The words are split already,
// so the application parses no flags.
func (p *program) dispatch(ctx context.Context, inv *invocation) (code int, err error) {
	h := p.handlers[inv.Command.key()]
	if h == nil {
		return 1, fmt.Errorf("command `%s %s` is not supported yet", progName, inv.Command.Path())
	}
	app := &urfave.App{
		Name: progName, HideHelp: true, HideVersion: true,
		Compiled: time.Unix(0, 0), // otherwise it looks at the executable's file
		Reader:   p.stdin, Writer: p.stdout, ErrWriter: p.stderr,
		ExitErrHandler: func(*urfave.Context, error) {}, // the default one ends the process
	}
	names := []string{}
	leaf := &urfave.Command{Action: func(c *urfave.Context) (e error) {
		code, e = h(c.Context, inv)
		return e
	}}
	for c := inv.Command; c != nil; c = c.parent {
		leaf.Name, leaf.SkipFlagParsing, leaf.HideHelp = c.Name, true, true
		names = append([]string{c.Name}, names...)
		if c.parent != nil {
			leaf = &urfave.Command{Subcommands: []*urfave.Command{leaf}}
		}
	}
	app.Commands = []*urfave.Command{leaf}
	err = app.RunContext(ctx, append([]string{progName}, names...))
	return code, err
}
