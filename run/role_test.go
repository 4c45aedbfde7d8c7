package run

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/run/awsauth/awstest"
	"github.com/terrace-iac/terrace/shell"
)

func roleARN(name string) string { return "arn:aws:iam::" + awstest.Account + ":role/" + name }

// roleBench is a unit that says in an input who it is while it is read.
func roleBench(t *testing.T, text string) (*bench, *awstest.Server) {
	s := awstest.New(t)
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": text + "\ninputs = { who = get_aws_caller_identity_arn() }"})
	b.opts.Env = append(b.opts.Env, append(s.Env("ci"), "HOME="+t.TempDir())...)
	return b, s
}

func TestRole(t *testing.T) {
	t.Parallel()
	const params = "RoleArn RoleSessionName DurationSeconds WebIdentityToken"
	for name, c := range map[string]struct {
		file  string
		flags Role
		asked []string // of STS, apart from who we are
		who   string   // while the unit is read
	}{
		"none": {who: "user/ci"},
		"of the configuration": {
			file:  `iam_role = "` + roleARN("a") + `"` + "\niam_assume_role_session_name = \"s\"\niam_assume_role_duration = 900",
			asked: []string{"AssumeRole RoleArn=" + roleARN("a") + " RoleSessionName=s DurationSeconds=900"},
			who:   "assumed-role/a/s",
		},
		"web identity, in a file": {
			file:  `iam_role = "` + roleARN("a") + `"` + "\niam_assume_role_session_name = \"s\"\niam_web_identity_token = \"jwt.txt\"",
			asked: []string{"AssumeRoleWithWebIdentity RoleArn=" + roleARN("a") + " RoleSessionName=s DurationSeconds=3600 WebIdentityToken=from a file"},
			who:   "assumed-role/a/s",
		},
		"of the command line": {
			flags: Role{ARN: roleARN("b"), Session: "flag", Duration: 1200},
			asked: []string{"AssumeRole RoleArn=" + roleARN("b") + " RoleSessionName=flag DurationSeconds=1200"},
			who:   "assumed-role/b/flag",
		},
		"of both, field by field": {
			file:  `iam_role = "` + roleARN("a") + `"` + "\niam_assume_role_duration = 900",
			flags: Role{ARN: roleARN("b"), Session: "flag"},
			asked: []string{
				"AssumeRole RoleArn=" + roleARN("b") + " RoleSessionName=flag DurationSeconds=3600", // while reading
				"AssumeRole RoleArn=" + roleARN("b") + " RoleSessionName=flag DurationSeconds=900",
			},
			who: "assumed-role/b/flag",
		},
		"the duration of a flag, the role of the configuration": {
			file:  `iam_role = "` + roleARN("a") + `"` + "\niam_assume_role_session_name = \"s\"",
			flags: Role{Duration: 901},
			asked: []string{"AssumeRole RoleArn=" + roleARN("a") + " RoleSessionName=s DurationSeconds=901"},
			who:   "assumed-role/a/s",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, s := roleBench(t, c.file)
			b.write("unit/jwt.txt", "from a file\n")
			b.opts.Role = c.flags
			b.must("unit", "plan")
			asked := slices.DeleteFunc(s.Asked(strings.Fields(params)...), func(q string) bool { return strings.HasPrefix(q, "Get") })
			wantLines(t, asked, c.asked...)
			call := b.rec.last(t, "plan")
			if got := variableOf(call, "TF_VAR_who"); !strings.HasSuffix(got, ":"+c.who) {
				t.Errorf("read as %s, want %s", got, c.who)
			}
			key := variableOf(call, "AWS_ACCESS_KEY_ID")
			if len(c.asked) == 0 {
				if key != "AKIA-ci" {
					t.Errorf("run with %s", key)
				}
				return
			}
			if !strings.HasPrefix(key, "ASIA") || variableOf(call, "AWS_SECRET_ACCESS_KEY") != "secret-of-"+key ||
				variableOf(call, "AWS_SESSION_TOKEN") != "token-of-"+key || variableOf(call, "AWS_SECURITY_TOKEN") != "token-of-"+key {
				t.Errorf("run with %s, %v", key, call.Env)
			}
			if strings.Contains(b.log.String(), "secret-of") {
				t.Error("a secret is in the log")
			}
		})
	}
}

// A role that is not given fails the run: before anything is run.
func TestRoleRefused(t *testing.T) {
	t.Parallel()
	s := awstest.New(t)
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": `iam_role = "` + roleARN("forbidden") + `"`})
	b.opts.Env = append(b.opts.Env, s.Env("ci")...)
	o, err := b.run("unit", "plan")
	wantError(t, err, "assuming the AWS role "+roleARN("forbidden"), "AccessDenied")
	if o.ExitCode != 1 {
		t.Errorf("exit code %d", o.ExitCode)
	}
	wantLines(t, b.rec.lines())

	b.write("unit/terragrunt.hcl", `
iam_role = "`+roleARN("forbidden")+`"
errors {
  ignore "denied" {
    ignorable_errors = [".*AccessDenied.*"]
  }
}`)
	b.must("unit", "apply")
	wantLines(t, b.rec.lines()) // not with other credentials either

	b.write("unit/terragrunt.hcl", `iam_role = "`+roleARN("a")+`"`+"\niam_web_identity_token = \"/not/there\"")
	_, err = b.run("unit", "plan")
	wantError(t, err, "the web identity token names no file: /not/there")
}

func TestRoleOfAuthCommand(t *testing.T) {
	t.Parallel()
	b, s := roleBench(t, "")
	b.opts.Auth = "login"
	printed := `{"awsRole": {"roleARN": "` + roleARN("auth") + `", "roleSessionName": "n", "duration": 901, "webIdentityToken": "jwt"}, "envs": {"SEEN": "yes"}}`
	b.rec.script = func(c shell.Cmd) answer {
		if c.Path == "login" {
			return answer{stdout: printed}
		}
		return answer{}
	}
	b.must("unit", "plan")
	want := "AssumeRoleWithWebIdentity RoleArn=" + roleARN("auth") + " RoleSessionName=n DurationSeconds=901 WebIdentityToken=jwt"
	wantLines(t, s.Asked("RoleArn", "RoleSessionName", "DurationSeconds", "WebIdentityToken"), want, "GetCallerIdentity")
	call := b.rec.last(t, "plan")
	if got := variableOf(call, "AWS_ACCESS_KEY_ID"); got != "ASIA1auth" || variableOf(call, "SEEN") != "yes" || !strings.HasSuffix(variableOf(call, "TF_VAR_who"), "assumed-role/auth/n") {
		t.Errorf("run with %s, %s", got, variableOf(call, "TF_VAR_who"))
	}
	if strings.Contains(b.log.String(), "replace") {
		t.Error("nothing was replaced")
	}

	b.rec.reset()
	printed = `{"awsRole": {"roleARN": "` + roleARN("forbidden") + `"}}`
	_, err := b.run("unit", "plan")
	wantError(t, err, "auth provider command", "the role that it names was not given", "AccessDenied")
	wantLines(t, b.rec.lines(), "login")
}

func TestRoleReplacesAuthCredentials(t *testing.T) {
	t.Parallel()
	b, s := roleBench(t, `iam_role = "`+roleARN("a")+`"`)
	b.opts.Auth = "login"
	b.rec.script = func(c shell.Cmd) answer {
		if c.Path == "login" {
			return answer{stdout: `{"awsCredentials": {"ACCESS_KEY_ID": "AKIA-auth", "SECRET_ACCESS_KEY": "s3cret"}}`}
		}
		return answer{}
	}
	b.must("unit", "plan")
	wantLines(t, s.Asked(), "AssumeRole", "GetCallerIdentity")
	if got := variableOf(b.rec.last(t, "plan"), "AWS_ACCESS_KEY_ID"); got != "ASIA1a" {
		t.Errorf("run with %s", got)
	}
	if log := b.log.String(); !strings.Contains(log, "replace those that the auth provider command gave") || strings.Contains(log, "s3cret") {
		t.Error(log)
	}
}

// One role is asked for once, by as many units as there are, until its
// credentials are about to end.
func TestRoleIsKept(t *testing.T) {
	t.Parallel()
	s := awstest.New(t)
	b := newBench(t, nil)
	r := b.start()
	now := time.Now()
	r.roles.now = func() time.Time { return now }
	assume := func(user string, role config.IAM) string {
		t.Helper()
		env, err := r.Assume(context.Background(), b.root, s.Env(user), role)
		if err != nil {
			t.Fatal(err)
		}
		key, _ := env.Lookup("AWS_ACCESS_KEY_ID")
		return key
	}
	a := config.IAM{Role: roleARN("a")}
	first := assume("ci", a)
	if assume("ci", a) != first {
		t.Error("asked twice")
	}
	others := []string{first, assume("dev", a)}
	for _, other := range []config.IAM{{Role: roleARN("b")}, {Role: roleARN("a"), SessionName: "s"}, {Role: roleARN("a"), DurationSec: 901}, {Role: roleARN("a"), WebIdentityToken: "t"}} {
		others = append(others, assume("ci", other))
	}
	if slices.Sort(others); len(slices.Compact(others)) != 6 {
		t.Errorf("mixed up: %v", others)
	}
	now = now.Add(54 * time.Minute)
	if assume("ci", a) != first {
		t.Error("renewed too early")
	}
	now = now.Add(2 * time.Minute)
	if assume("ci", a) == first {
		t.Error("not renewed")
	}
	if n := len(s.Asked()); n != 7 {
		t.Errorf("asked %d times", n)
	}
}

func TestIdentityIsKept(t *testing.T) {
	t.Parallel()
	s := awstest.New(t)
	s.Alias = "acme"
	r := newBench(t, nil).start()
	for range 3 {
		for _, user := range []string{"ci", "dev"} {
			id, err := r.Identity(context.Background(), s.Env(user))
			if err != nil || id.ARN != "arn:aws:iam::"+awstest.Account+":user/"+user || id.Account != awstest.Account {
				t.Errorf("%s: %+v, %v", user, id, err)
			}
		}
		if alias, err := r.AccountAlias(context.Background(), s.Env("ci")); err != nil || alias != "acme" {
			t.Errorf("alias %q, %v", alias, err)
		}
	}
	wantLines(t, s.Asked(), "GetCallerIdentity", "GetCallerIdentity", "ListAccountAliases")
	for range 2 {
		if _, err := r.Identity(context.Background(), append(s.Env("x"), "AWS_ACCESS_KEY_ID=stranger")); err == nil {
			t.Error("a stranger is somebody")
		}
	}
	if n := len(s.Asked()); n != 5 {
		t.Errorf("a failure was kept: %d requests", n)
	}
}
