package awsconfig

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
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

// Options narrow down what Load finds. What is not set is looked for in the
// environment.
type Options struct {
	Region          string
	Profile         string
	ConfigFiles     []string // in place of ~/.aws/config
	CredentialFiles []string // in place of ~/.aws/credentials
	CABundle        string   // a file of certificates to trust beside those of the system
	Insecure        bool     // trust any certificate
	NoMetadata      bool     // never ask the machine for its role
	Attempts        int      // how often a request is tried; 0 for the library's choice
	FIPS, DualStack bool     // which of the usual endpoints
}

// Load finds region and credentials: the keys in the environment, else a web
// identity that it names, else the shared files' profile, else the machine's
// own role.
func Load(ctx context.Context, env Env, o Options) (aws.Config, error) {
	if o.Profile == "" && !env.HasKeys() {
		o.Profile = env.first("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
	}
	transport, err := env.transport(o)
	if err != nil {
		return aws.Config{}, err
	}
	cfg, err := config.LoadDefaultConfig(ctx, slices.Concat(env.load(o), o.load(), transport)...)
	if err != nil {
		return aws.Config{}, err
	}
	if cfg.Region == "" {
		cfg.Region = defaultRegion
	}
	if o.Profile == "" && !env.HasKeys() && env.Get("AWS_WEB_IDENTITY_TOKEN_FILE") != "" && env.Get("AWS_ROLE_ARN") != "" {
		cfg.Credentials = env.webIdentity(cfg)
	}
	return cfg, nil
}

// transport is what requests are sent with. Connections are kept for as many
// requests as a queue of units sends at once.
func (e Env) transport(o Options) ([]func(*config.LoadOptions) error, error) {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = 100
		if o.Insecure {
			if t.TLSClientConfig == nil {
				t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
			}
			t.TLSClientConfig.InsecureSkipVerify = true //nolint:gosec // by the user's own setting
		}
	})
	list := []func(*config.LoadOptions) error{config.WithHTTPClient(client)}
	path := o.CABundle
	if path == "" {
		path = e.Get("AWS_CA_BUNDLE")
	}
	if path == "" {
		return list, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the bundle of certificates to trust: %w", err)
	}
	return append(list, config.WithCustomCABundle(bytes.NewReader(pem))), nil
}

// load says to the library what does not depend on the environment.
func (o Options) load() []func(*config.LoadOptions) error {
	var list []func(*config.LoadOptions) error
	if o.Attempts > 0 {
		list = append(list, config.WithRetryMaxAttempts(o.Attempts))
	}
	if o.FIPS {
		list = append(list, config.WithUseFIPSEndpoint(aws.FIPSEndpointStateEnabled))
	}
	if o.DualStack {
		list = append(list, config.WithUseDualStackEndpoint(aws.DualStackEndpointStateEnabled))
	}
	return list
}

// HasKeys tells whether the environment holds keys.
func (e Env) HasKeys() bool {
	return e.Get("AWS_ACCESS_KEY_ID") != "" && e.Get("AWS_SECRET_ACCESS_KEY") != ""
}

// load says to the library what it would otherwise look up in the environment
// of this process.
func (e Env) load(o Options) []func(*config.LoadOptions) error {
	region, profile := o.Region, o.Profile
	if len(o.ConfigFiles) == 0 {
		o.ConfigFiles = []string{e.file("AWS_CONFIG_FILE", "config")}
	}
	if len(o.CredentialFiles) == 0 {
		o.CredentialFiles = []string{e.file("AWS_SHARED_CREDENTIALS_FILE", "credentials")}
	}
	list := []func(*config.LoadOptions) error{
		config.WithSharedConfigFiles(o.ConfigFiles),
		config.WithSharedCredentialsFiles(o.CredentialFiles),
		config.WithServiceOptions(e.redirect),
		config.WithLogger(logging.Nop{}), // what matters is in the errors
	}
	if o.NoMetadata || strings.EqualFold(e.Get("AWS_EC2_METADATA_DISABLED"), "true") {
		list = append(list, config.WithEC2IMDSClientEnableState(imds.ClientDisabled))
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
	case e.HasKeys():
		keys := credentials.NewStaticCredentialsProvider(e.Get("AWS_ACCESS_KEY_ID"), e.Get("AWS_SECRET_ACCESS_KEY"), e.first("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"))
		list = append(list, config.WithCredentialsProvider(keys))
	case Env(os.Environ()).HasKeys():
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
	case *s3.Options:
		base, service = &o.BaseEndpoint, "S3"
	default:
		return
	}
	if url := e.Endpoint(service); url != "" {
		*base = aws.String(url)
	}
}

// Endpoint is where the environment wants a service to be asked, "" for the
// usual place. The older names of the variables come last.
func (e Env) Endpoint(service string) string {
	if strings.EqualFold(e.Get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") {
		return ""
	}
	return e.first("AWS_ENDPOINT_URL_"+service, "AWS_ENDPOINT_URL", "AWS_"+service+"_ENDPOINT")
}
