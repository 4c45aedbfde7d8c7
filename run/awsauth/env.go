package awsauth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
)

// defaultRegion is where STS is asked when nothing names a region.
const defaultRegion = "us-east-1"

// Env is an environment in the form of os.Environ. Later entries win.
type Env []string

// Get returns the value of a variable, "" where it is not set.
func (e Env) Get(name string) string {
	for _, entry := range slices.Backward(e) {
		if k, v, ok := strings.Cut(entry, "="); ok && k == name {
			return v
		}
	}
	return ""
}

func (e Env) first(names ...string) string {
	for _, name := range names {
		if v := e.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// Key names the credentials that an environment leads to: equal keys give
// equal answers. It cannot be turned back into a secret.
func (e Env) Key() string {
	last := map[string]string{}
	for _, entry := range e {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "AWS_") || name == "HOME" || name == "USERPROFILE" {
			last[name] = value
		}
	}
	lines := make([]string, 0, len(last))
	for name, value := range last {
		lines = append(lines, name+"="+value)
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\x00")))
	return hex.EncodeToString(sum[:])
}

// Options narrow down what Load finds.
type Options struct {
	Region  string // "" for that of the environment
	Profile string // "" for that of the environment
}

// Load finds region and credentials: the keys in the environment, else a web
// identity that it names, else the shared files' profile, else the machine's
// own role.
func Load(ctx context.Context, env Env, o Options) (aws.Config, error) {
	profile := o.Profile
	if profile == "" && !env.hasKeys() {
		profile = env.first("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
	}
	cfg, err := config.LoadDefaultConfig(ctx, env.load(o.Region, profile)...)
	if err != nil {
		return aws.Config{}, err
	}
	if cfg.Region == "" {
		cfg.Region = defaultRegion
	}
	if profile == "" && !env.hasKeys() && env.Get("AWS_WEB_IDENTITY_TOKEN_FILE") != "" && env.Get("AWS_ROLE_ARN") != "" {
		cfg.Credentials = env.webIdentity(cfg)
	}
	return cfg, nil
}

func (e Env) hasKeys() bool {
	return e.Get("AWS_ACCESS_KEY_ID") != "" && e.Get("AWS_SECRET_ACCESS_KEY") != ""
}

// load says to the library what it would otherwise look up in the environment
// of this process.
func (e Env) load(region, profile string) []func(*config.LoadOptions) error {
	list := []func(*config.LoadOptions) error{
		config.WithSharedConfigFiles([]string{e.file("AWS_CONFIG_FILE", "config")}),
		config.WithSharedCredentialsFiles([]string{e.file("AWS_SHARED_CREDENTIALS_FILE", "credentials")}),
		config.WithServiceOptions(e.redirect),
		config.WithLogger(logging.Nop{}), // what matters is in the errors
	}
	if region == "" {
		region = e.first("AWS_REGION", "AWS_DEFAULT_REGION")
	}
	if region != "" {
		list = append(list, config.WithRegion(region))
	}
	switch {
	case profile != "":
		list = append(list, config.WithSharedConfigProfile(profile))
	case e.hasKeys():
		keys := credentials.NewStaticCredentialsProvider(e.Get("AWS_ACCESS_KEY_ID"), e.Get("AWS_SECRET_ACCESS_KEY"), e.first("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"))
		list = append(list, config.WithCredentialsProvider(keys))
	case Env(os.Environ()).hasKeys():
		// The unit was given an environment without the keys of this process,
		// which the library would take. A profile keeps it from doing so.
		list = append(list, config.WithSharedConfigProfile("default"))
	}
	return list
}

func (e Env) file(variable, name string) string {
	if path := e.Get(variable); path != "" {
		return path
	}
	home := e.first("HOME", "USERPROFILE")
	if home == "" {
		home, _ = os.UserHomeDir()
	}
	return filepath.Join(home, ".aws", name)
}

func (e Env) webIdentity(cfg aws.Config) aws.CredentialsProvider {
	provider := stscreds.NewWebIdentityRoleProvider(sts.NewFromConfig(cfg), e.Get("AWS_ROLE_ARN"), stscreds.IdentityTokenFile(e.Get("AWS_WEB_IDENTITY_TOKEN_FILE")),
		func(o *stscreds.WebIdentityRoleOptions) { o.RoleSessionName = e.Get("AWS_ROLE_SESSION_NAME") })
	return aws.NewCredentialsCache(provider)
}

// redirect sends a client to where the environment wants its service asked. The
// one that the library makes itself, to assume the role of a profile, still goes
// where this process's environment says.
func (e Env) redirect(_ string, options any) {
	var base **string
	service := ""
	switch o := options.(type) {
	case *sts.Options:
		base, service = &o.BaseEndpoint, "STS"
	case *iam.Options:
		base, service = &o.BaseEndpoint, "IAM"
	case *kms.Options:
		base, service = &o.BaseEndpoint, "KMS"
	default:
		return
	}
	if url := e.endpoint(service); url != nil {
		*base = url
	}
}

// endpoint is where the environment wants a service to be asked, nil for the
// usual place.
func (e Env) endpoint(service string) *string {
	if strings.EqualFold(e.Get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") {
		return nil
	}
	if url := e.first("AWS_ENDPOINT_URL_"+service, "AWS_ENDPOINT_URL"); url != "" {
		return aws.String(url)
	}
	return nil
}
