package awsauth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terrace-iac/terrace/run/awsauth/awstest"
)

func TestWhoAmI(t *testing.T) {
	t.Parallel()
	s := awstest.New(t)
	for _, user := range []string{"ci", "dev"} {
		got, err := WhoAmI(context.Background(), s.Env(user))
		want := Identity{Account: awstest.Account, ARN: "arn:aws:iam::" + awstest.Account + ":user/" + user, UserID: "AIDA"}
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", user, got, err)
		}
	}
	_, err := WhoAmI(context.Background(), append(s.Env("ci"), "AWS_ACCESS_KEY_ID=stranger"))
	if err == nil || !strings.Contains(err.Error(), "asking AWS who we are") || !strings.Contains(err.Error(), "the key is not known") {
		t.Errorf("a stranger: %v", err)
	}
}

func TestAlias(t *testing.T) {
	t.Parallel()
	s := awstest.New(t)
	if got, err := Alias(context.Background(), s.Env("ci")); err != nil || got != "" {
		t.Errorf("no alias: %q, %v", got, err)
	}
	s.Alias = "acme-prod"
	if got, err := Alias(context.Background(), s.Env("ci")); err != nil || got != "acme-prod" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAssume(t *testing.T) {
	t.Parallel()
	s := awstest.New(t)
	const arn = "arn:aws:iam::123456789012:role/deploy"
	got, err := Assume(context.Background(), s.Env("ci"), Role{ARN: arn, Session: "mine", Duration: 20 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(got.Expires); left < 18*time.Minute || left > 21*time.Minute {
		t.Errorf("the credentials end in %v", left)
	}
	env := Env(s.Env("nobody"))
	for name, value := range got.Variables() {
		env = append(env, name+"="+value)
	}
	id, err := WhoAmI(context.Background(), env)
	if want := "arn:aws:sts::123456789012:assumed-role/deploy/mine"; err != nil || id.ARN != want {
		t.Errorf("as the role: %+v, %v", id, err)
	}

	vars := s.Env("ci")
	web, err := Assume(context.Background(), append(vars[:2:2], "AWS_EC2_METADATA_DISABLED=true", "HOME="+t.TempDir()), Role{ARN: arn, Token: "jwt"})
	if err != nil || web.AccessKeyID == "" {
		t.Errorf("with a token and no credentials: %+v, %v", web, err)
	}
	asked := s.Asked("RoleArn", "RoleSessionName", "DurationSeconds", "WebIdentityToken")
	if asked[0] != "AssumeRole RoleArn="+arn+" RoleSessionName=mine DurationSeconds=1200" {
		t.Errorf("asked %q", asked[0])
	}
	last := asked[len(asked)-1]
	if !strings.HasPrefix(last, "AssumeRoleWithWebIdentity RoleArn="+arn+" RoleSessionName=terragrunt-") || !strings.HasSuffix(last, "DurationSeconds=3600 WebIdentityToken=jwt") {
		t.Errorf("asked %q", last)
	}
}

func TestAssumeFails(t *testing.T) {
	t.Parallel()
	s := awstest.New(t)
	for name, role := range map[string]Role{
		"forbidden":   {ARN: "arn:aws:iam::123456789012:role/forbidden"},
		"wrong token": {ARN: "arn:aws:iam::123456789012:role/deploy", Token: "wrong"},
	} {
		_, err := Assume(context.Background(), s.Env("ci"), role)
		var failed *RoleError
		if !errors.As(err, &failed) || failed.ARN != role.ARN || !strings.HasPrefix(err.Error(), "assuming the AWS role "+role.ARN) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Keys in the environment come first, then the profile; a home of the unit's
// own holds files of its own.
func TestCredentialsOfFiles(t *testing.T) {
	s := awstest.New(t)
	t.Setenv("AWS_ENDPOINT_URL_STS", s.URL) // see redirect
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIA-process")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not for the unit")
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".aws"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) string {
		path := filepath.Join(home, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key := func(user string) string {
		return fmt.Sprintf("aws_access_key_id = AKIA-%s\naws_secret_access_key = s\n", user)
	}
	write(".aws/credentials", "[default]\n"+key("default")+"[other]\n"+key("other"))
	write(".aws/config", "[profile chained]\nrole_arn = arn:aws:iam::123456789012:role/chained\nsource_profile = other\nrole_session_name = s\nregion = eu-west-1\n")
	elsewhere := write("elsewhere", "[default]\n"+key("elsewhere"))
	token := write("token", "jwt")
	bare := append(slices.Clone(s.Env("env")[:2]), "AWS_EC2_METADATA_DISABLED=true", "HOME="+home)
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"default":          {bare, "user/default"},
		"profile":          {append(bare[:4:4], "AWS_PROFILE=other"), "user/other"},
		"keys before":      {append(bare[:4:4], "AWS_PROFILE=other", "AWS_ACCESS_KEY_ID=AKIA-env", "AWS_SECRET_ACCESS_KEY=s"), "user/env"},
		"profile's role":   {append(bare[:4:4], "AWS_PROFILE=chained"), "assumed-role/chained/s"},
		"file named":       {append(bare[:4:4], "AWS_SHARED_CREDENTIALS_FILE="+elsewhere), "user/elsewhere"},
		"web identity":     {append(bare[:4:4], "AWS_WEB_IDENTITY_TOKEN_FILE="+token, "AWS_ROLE_ARN=arn:aws:iam::1:role/pod", "AWS_ROLE_SESSION_NAME=p"), "assumed-role/pod/p"},
		"the last wins":    {append(bare[:4:4], "AWS_PROFILE=missing", "AWS_PROFILE=other"), "user/other"},
		"half a key is no": {append(bare[:4:4], "AWS_ACCESS_KEY_ID=AKIA-env"), "user/default"},
	} {
		id, err := WhoAmI(context.Background(), c.env)
		if err != nil || !strings.HasSuffix(id.ARN, ":"+c.want) {
			t.Errorf("%s: %+v, %v; want %s", name, id, err, c.want)
		}
	}
	if _, err := WhoAmI(context.Background(), append(bare[:4:4], "AWS_PROFILE=missing")); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("a profile that is not there: %v", err)
	}
}

func TestRegion(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	base := []string{"HOME=" + home, "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b"}
	for want, env := range map[string][]string{
		"us-east-1":  nil,
		"eu-west-1":  {"AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-2"},
		"eu-west-2":  {"AWS_DEFAULT_REGION=eu-west-2"},
		"sa-east-1":  {"AWS_REGION=", "AWS_DEFAULT_REGION=sa-east-1"},
		"cn-north-1": {"AWS_REGION=us-east-1", "AWS_REGION=cn-north-1"},
	} {
		cfg, err := Load(context.Background(), append(base[:3:3], env...), Options{})
		if err != nil || cfg.Region != want {
			t.Errorf("%v: %s, %v", env, cfg.Region, err)
		}
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	a := Env{"AWS_ACCESS_KEY_ID=a", "X=1", "HOME=/h"}
	if a.Key() != (Env{"HOME=/h", "AWS_ACCESS_KEY_ID=b", "AWS_ACCESS_KEY_ID=a", "X=2"}).Key() {
		t.Error("what does not matter changes the key")
	}
	for _, other := range []Env{{"AWS_ACCESS_KEY_ID=b", "HOME=/h"}, {"AWS_ACCESS_KEY_ID=a", "HOME=/g"}, {"AWS_ACCESS_KEY_ID=a", "HOME=/h", "AWS_PROFILE=p"}} {
		if a.Key() == other.Key() {
			t.Errorf("%v has the same key", other)
		}
	}
	if strings.Contains(a.Key(), "a=") {
		t.Error("the key tells")
	}
}
