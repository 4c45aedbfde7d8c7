package awsauth

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/terrace-iac/terrace/remote/awsconfig"
)

// Env is an environment in the form of os.Environ. Later entries win.
type Env = awsconfig.Env

// Options narrow down what Load finds.
type Options = awsconfig.Options

// Load finds region and credentials.
func Load(ctx context.Context, env Env, o Options) (aws.Config, error) {
	return awsconfig.Load(ctx, env, o)
}
