package config

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// EnvVarNotFoundError says that a variable is needed and not set.
type EnvVarNotFoundError struct{ Name string }

func (e *EnvVarNotFoundError) Error() string {
	return fmt.Sprintf("EnvVarNotFoundError: Required environment variable %s - not found: set it, or give get_env a second argument to fall back on", e.Name)
}

// environmentFunctions answer with what: variables, the command line, who we
// are in the cloud.
func environmentFunctions() []funcSpec {
	env := []funcSpec{
		{Name: "get_env", Summary: "An environment variable; the second argument stands in for one that is not set.",
			Example: `get_env("NOT_SET", "fallback") # "fallback"`, build: place(getEnv)},
		{Name: "get_terraform_command", Summary: "The binary's command that the run was started with.",
			Example: `get_terraform_command() # "plan"`, build: place(func(c *call, _ []string) (string, error) { return c.frame.core.l.opts.Command, nil })},
		{Name: "get_terraform_cli_args", Summary: "That command and its arguments.",
			Example: `get_terraform_cli_args() # ["plan", "-lock=false"]`, build: cliArgs},
		{Name: "get_terragrunt_source_cli_flag", Summary: "The value of --source, or an empty string.",
			Example: `get_terragrunt_source_cli_flag() # ""`, build: place(func(c *call, _ []string) (string, error) { return c.frame.core.l.opts.Source, nil })},
		{Name: "get_aws_account_id", Summary: "The AWS account of the current credentials.",
			Example: `get_aws_account_id() # "123456789012"`, outside: true, build: identity(func(i Identity) string { return i.Account })},
		{Name: "get_aws_account_alias", Summary: "Its alias, or an empty string.",
			Example: `get_aws_account_alias() # "acme-prod"`, outside: true, build: place(accountAlias)},
		{Name: "get_aws_caller_identity_arn", Summary: "The ARN of the current credentials.",
			Example: `get_aws_caller_identity_arn() # "arn:aws:iam::123456789012:user/ci"`, outside: true, build: identity(func(i Identity) string { return i.ARN })},
		{Name: "get_aws_caller_identity_user_id", Summary: "Their user ID.",
			Example: `get_aws_caller_identity_user_id() # "AIDAEXAMPLE"`, outside: true, build: identity(func(i Identity) string { return i.UserID })},
	}
	for i := range env {
		env[i].Subject, env[i].sensitive = "Environment", true
	}
	lists := []funcSpec{
		{Name: "get_terraform_commands_that_need_vars", Summary: "Commands that take variables.",
			Example: `length(get_terraform_commands_that_need_vars()) # 7`,
			build:   constantList("apply", "console", "destroy", "import", "plan", "push", "refresh")},
		{Name: "get_terraform_commands_that_need_locking", Summary: "Commands that lock the state.",
			Example: `get_terraform_commands_that_need_locking() # ["apply", "destroy", "import", "plan", "refresh", "taint", "untaint"]`,
			build:   constantList("apply", "destroy", "import", "plan", "refresh", "taint", "untaint")},
		{Name: "get_terraform_commands_that_need_input", Summary: "Commands that ask for input.",
			Example: `get_terraform_commands_that_need_input() # ["apply", "import", "init", "plan", "refresh"]`,
			build:   constantList("apply", "import", "init", "plan", "refresh")},
		{Name: "get_terraform_commands_that_need_parallelism", Summary: "Commands that know -parallelism.",
			Example: `get_terraform_commands_that_need_parallelism() # ["apply", "plan", "destroy"]`,
			build:   constantList("apply", "plan", "destroy")},
		{Name: "get_default_retryable_errors", Summary: "The regular expressions of errors that are retried by default.",
			Example: `length(get_default_retryable_errors()) # 30`, build: constantList(DefaultRetryableErrors()...)},
	}
	for i := range lists {
		lists[i].Subject = "Commands"
	}
	return append(env, lists...)
}

func getEnv(c *call, args []string) (string, error) {
	if len(args) != 1 && len(args) != 2 {
		return "", fmt.Errorf("InvalidGetEnvParamsError: Expected 1 or 2 params for function get_env, but got %d", len(args))
	}
	if args[0] == "" {
		return "", fmt.Errorf("InvalidEnvParamNameError: the name of an environment variable must not be empty")
	}
	env, err := c.frame.core.env(c.ev)
	if err != nil {
		return "", err
	}
	if v, ok := env.Lookup(args[0]); ok {
		return v, nil
	}
	if len(args) == 2 {
		return args[1], nil
	}
	return "", &EnvVarNotFoundError{args[0]}
}

// env is the environment that the unit is evaluated with. A file that a unit
// reads is evaluated with the unit's.
func (c *core) env(ev *eval) (Env, error) {
	dir := c.originDir()
	entry, _ := c.l.envs.LoadOrStore(dir, &cell{})
	v, err := c.l.force(ev, entry.(*cell), step{dir, "environment"}, func(ev *eval) (any, error) {
		return c.l.host.Env(ev.ctx, dir)
	})
	if err != nil {
		return nil, err
	}
	return v.(Env), nil
}

func cliArgs(c *call) function.Function {
	return words(cty.List(cty.String), func([]string) (cty.Value, error) {
		return stringList(c.frame.core.l.opts.Args), nil
	})
}

func accountAlias(c *call, _ []string) (string, error) {
	env, err := c.frame.core.cloudEnv(c.ev)
	if err != nil {
		return "", err
	}
	return c.frame.core.l.host.AccountAlias(c.ctx, env)
}

func identity(field func(Identity) string) func(*call) function.Function {
	return place(func(c *call, _ []string) (string, error) {
		env, err := c.frame.core.cloudEnv(c.ev)
		if err != nil {
			return "", err
		}
		id, err := c.frame.core.l.host.Identity(c.ctx, env)
		return field(id), err
	})
}
