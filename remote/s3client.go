package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/terrace-iac/terrace/remote/awsconfig"
)

// awsClients speak to AWS in the name of one unit's settings.
type awsClients struct {
	s3     *awss3.Client
	sts    *sts.Client // with the credentials that the state is reached with
	dynamo *dynamo
	region string
	custom bool // the store is not Amazon's own
	plain  bool // it is reached without TLS
}

// awsCache keeps clients, so that units with the same settings share
// connections and credentials.
//
// Key: a digest of the settings and variables that clients are made from.
// Lifetime: that of the process. Never stale: the library renews credentials
// that end. made: see bootstrapOnce.
type awsCache struct {
	clients sync.Map // string -> *awsEntry
	made    sync.Map // string -> *madeEntry
}

type awsEntry struct {
	mu   sync.Mutex
	have *awsClients
}

// get gives the clients for a place. What failed is tried again by who comes
// next.
func (c *awsCache) get(ctx context.Context, p s3Place) (*awsClients, error) {
	e, _ := c.clients.LoadOrStore(p.clientKey(), &awsEntry{})
	entry := e.(*awsEntry)
	entry.mu.Lock()
	defer entry.mu.Unlock()
	if entry.have != nil {
		return entry.have, nil
	}
	got, err := newAWSClients(ctx, p)
	if err == nil {
		entry.have = got
	}
	return got, err
}

// clientKey names the clients of a place. It tells no secret.
func (p s3Place) clientKey() string {
	matter := map[string]any{}
	for key, value := range p.set {
		if s3Connects(key) && value != nil {
			matter[key] = value
		}
	}
	b, _ := json.Marshal(matter) // plain values
	sum := sha256.Sum256(append(b, p.env.Key()...))
	return hex.EncodeToString(sum[:])
}

// s3Connects tells which settings say how the store is reached.
func s3Connects(key string) bool {
	switch key {
	case "region", "profile", "access_key", "secret_key", "token",
		"shared_credentials_file", "shared_credentials_files", "shared_config_files", "custom_ca_bundle", "insecure",
		"endpoint", "endpoints", "dynamodb_endpoint", "sts_endpoint", "sts_region", "force_path_style", "use_path_style",
		"role_arn", "external_id", "session_name", "assume_role_duration_seconds", "assume_role_policy", "assume_role_policy_arns",
		"assume_role_tags", "assume_role_transitive_tag_keys", "assume_role", "assume_role_with_web_identity",
		"skip_metadata_api_check", "max_retries", "use_fips_endpoint", "use_dualstack_endpoint", "skip_s3_checksum", "disable_aws_client_checksums":
		return true
	}
	return false
}

// newAWSClients asks nobody yet.
func newAWSClients(ctx context.Context, p s3Place) (*awsClients, error) {
	set, env := p.set, p.env
	for _, pair := range [][2]string{{"access_key", "AWS_ACCESS_KEY_ID"}, {"secret_key", "AWS_SECRET_ACCESS_KEY"}, {"token", "AWS_SESSION_TOKEN"}} {
		if value := set.text(pair[0]); value != "" {
			env = append(env[:len(env):len(env)], pair[1]+"="+value)
		}
	}
	o := awsconfig.Options{
		Region: set.text("region"), Profile: set.text("profile"), CABundle: home(env, set.text("custom_ca_bundle")), Insecure: set.on("insecure"),
		NoMetadata: set.on("skip_metadata_api_check"), Attempts: set.number("max_retries"),
		FIPS: set.on("use_fips_endpoint"), DualStack: set.on("use_dualstack_endpoint"),
	}
	for _, path := range append(set.texts("shared_credentials_files"), set.texts("shared_credentials_file")...) {
		o.CredentialFiles = append(o.CredentialFiles, home(env, path))
	}
	for _, path := range set.texts("shared_config_files") {
		o.ConfigFiles = append(o.ConfigFiles, home(env, path))
	}
	if env.HasKeys() {
		o.Profile = "" // keys in variables win
	}
	cfg, err := awsconfig.Load(ctx, env, o)
	if err != nil {
		return nil, err
	}
	if err := assumeRoles(&cfg, set, env); err != nil {
		return nil, err
	}
	return connect(cfg, set, env), nil
}

func connect(cfg aws.Config, set settingsMap, env awsconfig.Env) *awsClients {
	endpoint := awsEndpoint(set, env, "s3")
	c := &awsClients{region: cfg.Region, custom: endpoint != "", plain: strings.HasPrefix(endpoint, "http://")}
	c.s3 = awss3.NewFromConfig(cfg, func(o *awss3.Options) {
		o.UsePathStyle = set.on("use_path_style", "force_path_style")
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
		// Stores other than Amazon's often know only the older check sums.
		if c.custom || set.on("skip_s3_checksum", "disable_aws_client_checksums") {
			o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
			o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		}
	})
	c.sts = stsClient(cfg, set, env)
	c.dynamo = &dynamo{cfg: cfg, endpoint: awsEndpoint(set, env, "dynamodb")}
	if c.dynamo.endpoint == "" {
		c.dynamo.endpoint = dynamoEndpoint(cfg.Region, set.on("use_fips_endpoint"))
	}
	return c
}

func stsClient(cfg aws.Config, set settingsMap, env awsconfig.Env) *sts.Client {
	return sts.NewFromConfig(cfg, func(o *sts.Options) {
		if endpoint := awsEndpoint(set, env, "sts"); endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
		if region := set.text("sts_region"); region != "" {
			o.Region = region
		}
	})
}

// awsEndpoint is where a service is asked by the settings, or else by the
// environment; "" is the usual place.
func awsEndpoint(set settingsMap, env awsconfig.Env, service string) string {
	own := service + "_endpoint"
	if service == "s3" {
		own = "endpoint"
	}
	for _, text := range []string{set.nested("endpoints").text(service), set.text(own), env.Endpoint(strings.ToUpper(service))} {
		if text != "" && !strings.Contains(text, "://") {
			text = "https://" + text
		}
		if text != "" {
			return strings.TrimSuffix(text, "/")
		}
	}
	return ""
}

// assumeRoles puts the role that the settings ask for on top of what the
// environment gives.
func assumeRoles(cfg *aws.Config, set settingsMap, env awsconfig.Env) error {
	if web := set.nested("assume_role_with_web_identity"); len(web) > 0 {
		if err := webIdentity(cfg, set, env); err != nil {
			return err
		}
	}
	role := set.nested("assume_role")
	arn := role.text("role_arn")
	if arn == "" {
		if arn = set.text("role_arn"); arn == "" {
			return nil
		}
		role = settingsMap{
			"external_id": set["external_id"], "session_name": set["session_name"], "policy": set["assume_role_policy"],
			"policy_arns": set["assume_role_policy_arns"], "tags": set["assume_role_tags"], "transitive_tag_keys": set["assume_role_transitive_tag_keys"],
		}
		if n := set.number("assume_role_duration_seconds"); n > 0 {
			role["duration"] = (time.Duration(n) * time.Second).String()
		}
	}
	provider := stscreds.NewAssumeRoleProvider(stsClient(*cfg, set, env), arn, func(o *stscreds.AssumeRoleOptions) { roleOptions(o, role) })
	cfg.Credentials = aws.NewCredentialsCache(provider)
	return nil
}

func roleOptions(o *stscreds.AssumeRoleOptions, role settingsMap) {
	text := func(key string) *string {
		if v := role.text(key); v != "" {
			return &v
		}
		return nil
	}
	o.RoleSessionName = role.text("session_name")
	o.ExternalID, o.Policy, o.SourceIdentity = text("external_id"), text("policy"), text("source_identity")
	o.TransitiveTagKeys = role.texts("transitive_tag_keys")
	if d, err := time.ParseDuration(role.text("duration")); err == nil {
		o.Duration = d
	}
	for _, arn := range role.texts("policy_arns") {
		o.PolicyARNs = append(o.PolicyARNs, ststypes.PolicyDescriptorType{Arn: &arn})
	}
	for name, value := range role.tags("tags") {
		o.Tags = append(o.Tags, ststypes.Tag{Key: &name, Value: &value})
	}
}

func webIdentity(cfg *aws.Config, set settingsMap, env awsconfig.Env) error {
	web := set.nested("assume_role_with_web_identity")
	arn := web.text("role_arn")
	if arn == "" {
		arn = env.Get("AWS_ROLE_ARN")
	}
	var token stscreds.IdentityTokenRetriever
	switch file := web.text("web_identity_token_file"); {
	case web.text("web_identity_token") != "":
		token = givenToken(web.text("web_identity_token"))
	case file != "":
		token = stscreds.IdentityTokenFile(home(env, file))
	case env.Get("AWS_WEB_IDENTITY_TOKEN_FILE") != "":
		token = stscreds.IdentityTokenFile(env.Get("AWS_WEB_IDENTITY_TOKEN_FILE"))
	}
	if arn == "" || token == nil {
		return errors.New("s3 backend: assume_role_with_web_identity needs a role_arn and a token")
	}
	anonymous := cfg.Copy()
	anonymous.Credentials = aws.AnonymousCredentials{} // the token says who we are
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewWebIdentityRoleProvider(stsClient(anonymous, set, env), arn, token,
		func(o *stscreds.WebIdentityRoleOptions) {
			o.RoleSessionName = web.text("session_name")
			if d, err := time.ParseDuration(web.text("duration")); err == nil {
				o.Duration = d
			}
			if policy := web.text("policy"); policy != "" {
				o.Policy = &policy
			}
		}))
	return nil
}

// givenToken is a token that the settings hold themselves.
type givenToken string

func (t givenToken) GetIdentityToken() ([]byte, error) { return []byte(t), nil }

// home replaces a leading ~.
func home(env awsconfig.Env, path string) string {
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok {
		return path
	}
	dir := env.Get("HOME")
	if dir == "" {
		dir, _ = os.UserHomeDir()
	}
	return filepath.Join(dir, rest)
}
