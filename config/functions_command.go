package config

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty/function"
)

// commandFunctions run programs and open secrets.
func commandFunctions() []funcSpec {
	return []funcSpec{
		{Name: "run_cmd", Subject: "Commands", sensitive: true, outside: true,
			Summary: "The standard output of a program, less one newline at its end. It runs once for a folder and arguments, unless flags in front say otherwise: --terragrunt-quiet, --terragrunt-global-cache, --terragrunt-no-cache.",
			Example: `run_cmd("--terragrunt-quiet", "printf", "a") # "a"`,
			build:   func(c *call) function.Function { return text(c.runCommand) }},
		{Name: "sops_decrypt_file", Subject: "Secrets", sensitive: true, outside: true,
			Summary: "The decrypted text of a file encrypted with sops.",
			Example: `yamldecode(sops_decrypt_file("secrets.enc.yaml")).password # "hunter2"`,
			build:   func(c *call) function.Function { return text(c.decrypt) }},
	}
}

// errNoProgram says that run_cmd was given nothing to run.
type errNoProgram struct{}

func (errNoProgram) Error() string {
	return "Empty string value is not allowed for run_cmd: name the program to run"
}

// commandFlags are what may stand in front of the program.
type commandFlags struct{ quiet, global, noCache bool }

func splitCommandFlags(args []string) (commandFlags, []string) {
	var f commandFlags
	for len(args) > 0 {
		switch args[0] {
		case "--terragrunt-quiet":
			f.quiet = true
		case "--terragrunt-global-cache":
			f.global = true
		case "--terragrunt-no-cache":
			f.noCache = true
		default:
			return f, args
		}
		args = args[1:]
	}
	return f, args
}

func (c *call) runCommand(args []string) (string, error) {
	flags, argv := splitCommandFlags(args)
	if len(argv) == 0 || argv[0] == "" {
		return "", errNoProgram{}
	}
	if flags.global && flags.noCache {
		return "", fmt.Errorf("--terragrunt-global-cache and --terragrunt-no-cache options cannot be used together")
	}
	if flags.noCache {
		return c.execute(c.ev, argv, flags.quiet)
	}
	key := strings.Join(argv, "\x00")
	if !flags.global {
		key = c.frame.dir() + "\x00" + key
	}
	l := c.frame.core.l
	entry, _ := l.commands.LoadOrStore(key, &cell{})
	v, err := l.force(c.ev, entry.(*cell), step{c.frame.file.path, "run_cmd"}, func(ev *eval) (any, error) {
		return c.execute(ev, argv, flags.quiet)
	})
	if err != nil {
		return "", err
	}
	return v.(string), nil
}

func (c *call) execute(ev *eval, argv []string, quiet bool) (string, error) {
	env, err := c.frame.core.env(ev)
	if err != nil {
		return "", err
	}
	out, err := c.frame.core.l.host.Exec(ev.ctx, Exec{Dir: c.frame.dir(), Env: env, Argv: argv, Quiet: quiet})
	if err != nil {
		return "", &CommandError{Argv: argv, Dir: c.frame.dir(), Quiet: quiet, Err: err}
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// CommandError says that a program that configuration runs has failed.
type CommandError struct {
	Argv  []string
	Dir   string
	Quiet bool // the arguments may hold a secret
	Err   error
}

func (e *CommandError) Error() string {
	shown := strings.Join(e.Argv, " ")
	if e.Quiet {
		shown = e.Argv[0] + " [REDACTED]"
	}
	return fmt.Sprintf("running command: Failed to execute \"%s\" in %s: %s", shown, e.Dir, e.Err)
}

// Unwrap gives the failure of the process.
func (e *CommandError) Unwrap() error { return e.Err }

func (c *call) decrypt(args []string) (string, error) {
	if len(args) != 1 {
		return "", &argumentCountError{Want: "1", Function: "sops_decrypt_file", Got: len(args)}
	}
	path := c.frame.beside(args[0])
	c.read(path)
	// The role comes first: it may itself be read from this file, and a cell
	// that is being evaluated cannot be asked again.
	env, err := c.frame.core.cloudEnv(c.ev)
	if err != nil {
		return "", err
	}
	l := c.frame.core.l
	entry, _ := l.secrets.LoadOrStore(path, &cell{})
	v, err := l.force(c.ev, entry.(*cell), step{path, "sops_decrypt_file"}, func(ev *eval) (any, error) {
		return l.host.Decrypt(ev.ctx, path, env)
	})
	if err != nil {
		return "", err
	}
	text := v.([]byte)
	if !utf8.Valid(text) {
		return "", fmt.Errorf("sops_decrypt_file: %s holds data in not a valid format or encoding: only text (UTF-8) can be used in configuration", path)
	}
	return string(text), nil
}
