package config

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// roleHost is a cloud in which a role's name is its account.
type roleHost struct {
	fakeHost
	mu      sync.Mutex
	assumed []string // "folder role duration session token"
	asked   []string // who asked for the identity
	ran     int
}

func (h *roleHost) Assume(_ context.Context, dir string, env Env, r IAM) (Env, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r == (IAM{}) {
		return env, nil
	}
	h.assumed = append(h.assumed, fmt.Sprintf("%s %s %d %s %s", filepath.Base(dir), r.Role, r.DurationSec, r.SessionName, r.WebIdentityToken))
	if r.Role == "forbidden" {
		return nil, errors.New("assuming forbidden: access denied")
	}
	return append(env[:len(env):len(env)], "WHO="+r.Role), nil
}

func (h *roleHost) Identity(_ context.Context, env Env) (Identity, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	who, _ := env.Lookup("WHO")
	h.asked = append(h.asked, who)
	return Identity{Account: "account-of-" + who, ARN: "arn-of-" + who, UserID: "id-of-" + who}, nil
}

func (h *roleHost) AccountAlias(_ context.Context, env Env) (string, error) {
	who, _ := env.Lookup("WHO")
	return "alias-of-" + who, nil
}

func (h *roleHost) Decrypt(_ context.Context, path string, env Env) ([]byte, error) {
	if strings.HasSuffix(path, ".bin") {
		return []byte{0xff, 0xfe, 0}, nil
	}
	who, _ := env.Lookup("WHO")
	return []byte(who + " opened " + filepath.Base(path)), nil
}

func (h *roleHost) Exec(context.Context, Exec) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ran++
	return []byte("deployer\n"), nil
}

func roleUnit(t *testing.T, files map[string]string) (*Unit, *roleHost) {
	t.Helper()
	host := &roleHost{fakeHost: fakeHost{env: Env{"WHO=base", "NAME=value"}}}
	root := tree(t, files)
	u, err := NewLoader(host, Options{}).Unit(context.Background(), filepath.Join(root, "app"))
	if err != nil {
		t.Fatal(err)
	}
	return u, host
}

func TestRoleWhileParsing(t *testing.T) {
	t.Parallel()
	u, host := roleUnit(t, map[string]string{
		"root.hcl": `
locals { account = get_aws_account_id() }
iam_role                     = "role-in-${local.account}"
iam_assume_role_duration     = 900
iam_assume_role_session_name = "deploy"
`,
		"names.hcl": `locals { alias = get_aws_account_alias() }`,
		"app/terragrunt.hcl": `
include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}
locals { names = read_terragrunt_config("../names.hcl") }
inputs = {
  account = include.root.locals.account
  own     = get_aws_account_id()
  arn     = get_aws_caller_identity_arn()
  user    = get_aws_caller_identity_user_id()
  alias   = local.names.locals.alias
  secret  = sops_decrypt_file("secret.yaml")
  plain   = get_env("WHO")
}
`,
	})
	c, err := u.Config(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	const role = "role-in-account-of-base"
	for name, want := range map[string]string{
		"account": "account-of-" + role, "own": "account-of-" + role, "arn": "arn-of-" + role, "user": "id-of-" + role,
		"alias": "alias-of-" + role, "secret": role + " opened secret.yaml", "plain": "base",
	} {
		if got := c.Inputs[name]; got != cty.StringVal(want) {
			t.Errorf("%s = %#v, want %q", name, got, want)
		}
	}
	if want := (IAM{Role: role, DurationSec: 900, SessionName: "deploy"}); c.IAM != want {
		t.Errorf("the role of the run is %+v, want %+v", c.IAM, want)
	}
	for _, a := range host.assumed {
		if a != "app "+role+" 900 deploy " {
			t.Errorf("assumed %q", a)
		}
	}
}

// What the role is made of may be asked for elsewhere too: that is no cycle,
// and a command still runs once.
func TestRoleFromCommandAndSecret(t *testing.T) {
	t.Parallel()
	u, host := roleUnit(t, map[string]string{"app/terragrunt.hcl": `
locals {
  name   = run_cmd("whoami")
  secret = sops_decrypt_file("role.yaml")
}
iam_role               = "${local.name} ${local.secret}"
iam_web_identity_token = sops_decrypt_file("token.yaml")
inputs = {
  name    = local.name
  secret  = local.secret
  account = get_aws_account_id()
}
`})
	c, err := u.Config(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	const role = "deployer base opened role.yaml"
	if c.IAM.Role != role || c.Inputs["account"] != cty.StringVal("account-of-"+role) {
		t.Errorf("role %q, inputs %#v", c.IAM.Role, c.Inputs)
	}
	if host.ran != 1 {
		t.Errorf("the command ran %d times", host.ran)
	}
}

// A role may be an output of another unit. Until that is there, nothing that
// was asked without the role is kept.
func TestRoleFromOutputs(t *testing.T) {
	t.Parallel()
	u, host := roleUnit(t, map[string]string{"app/terragrunt.hcl": `
dependency "base" {
  config_path  = "../base"
  mock_outputs = { role = "late" }
}
iam_role = dependency.base.outputs.role
inputs   = { account = get_aws_account_id() }
`, "base/terragrunt.hcl": ""})
	if _, err := u.Check(context.Background()); err != nil || len(host.assumed) > 0 {
		t.Errorf("check: assumed %v, %v", host.assumed, err)
	}
	c, err := u.Config(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(host.assumed) != 1 || c.IAM.Role != "late" || c.Inputs["account"] != cty.StringVal("account-of-late") {
		t.Errorf("assumed %v; %+v, %#v", host.assumed, c.IAM, c.Inputs)
	}
}

func TestRoleErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, want string }{
		"refused":   {`iam_role = "forbidden"` + "\ninputs = { a = get_aws_account_id() }", "access denied"},
		"not text":  {`inputs = { a = sops_decrypt_file("x.bin") }`, "not a valid format or encoding"},
		"of itself": {"locals {\n a = local.b\n b = local.a\n}\niam_role = local.a\ninputs = { a = get_aws_account_id() }", "local reference 'a' is not evaluated"},
	} {
		u, _ := roleUnit(t, map[string]string{"app/terragrunt.hcl": c.file})
		if _, err := u.Config(context.Background()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
