package awsauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// DefaultDuration of a role's session.
const DefaultDuration = time.Hour

// Role is a role to be assumed.
type Role struct {
	ARN      string
	Session  string        // name of the session; "" for one made from the time
	Token    string        // web identity token; "" to assume the role with the environment's credentials
	Duration time.Duration // of the session; 0 for DefaultDuration
}

// Credentials are those of a role's session.
type Credentials struct {
	AccessKeyID, SecretAccessKey, SessionToken string
	Expires                                    time.Time
}

// Variables are the credentials in the form in which other programs take them.
func (c Credentials) Variables() map[string]string {
	return Variables(c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
}

// Variables gives the four variables that hold credentials.
func Variables(id, secret, token string) map[string]string {
	return map[string]string{
		"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret,
		"AWS_SESSION_TOKEN": token, "AWS_SECURITY_TOKEN": token,
	}
}

// RoleError says that a role was not given to us.
type RoleError struct {
	ARN string
	Err error
}

func (e *RoleError) Error() string { return fmt.Sprintf("assuming the AWS role %s: %v", e.ARN, e.Err) }

// Unwrap gives the cause.
func (e *RoleError) Unwrap() error { return e.Err }

var errNoCredentials = errors.New("STS gave no credentials")

// Assume asks STS for a session of a role. The error is a *RoleError.
func Assume(ctx context.Context, env Env, r Role) (Credentials, error) {
	if r.Session == "" {
		r.Session = fmt.Sprintf("terragrunt-%d", time.Now().UnixNano())
	}
	if r.Duration == 0 {
		r.Duration = DefaultDuration
	}
	got, err := ask(ctx, env, r)
	if err == nil && (got == nil || aws.ToString(got.AccessKeyId) == "" || aws.ToString(got.SecretAccessKey) == "") {
		err = errNoCredentials
	}
	if err != nil {
		return Credentials{}, &RoleError{ARN: r.ARN, Err: err}
	}
	c := Credentials{AccessKeyID: aws.ToString(got.AccessKeyId), SecretAccessKey: aws.ToString(got.SecretAccessKey), SessionToken: aws.ToString(got.SessionToken)}
	if c.Expires = aws.ToTime(got.Expiration); c.Expires.IsZero() {
		c.Expires = time.Now().Add(r.Duration)
	}
	return c, nil
}

func ask(ctx context.Context, env Env, r Role) (*types.Credentials, error) {
	cfg, err := Load(ctx, env, Options{})
	if err != nil {
		return nil, err
	}
	seconds := aws.Int32(int32(r.Duration / time.Second))
	if r.Token != "" {
		cfg.Credentials = aws.AnonymousCredentials{} // the token says who we are
		out, err := sts.NewFromConfig(cfg).AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: &r.ARN, RoleSessionName: &r.Session, WebIdentityToken: &r.Token, DurationSeconds: seconds,
		})
		if err != nil {
			return nil, err
		}
		return out.Credentials, nil
	}
	out, err := sts.NewFromConfig(cfg).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &r.ARN, RoleSessionName: &r.Session, DurationSeconds: seconds})
	if err != nil {
		return nil, err
	}
	return out.Credentials, nil
}
