package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/terrace-iac/terrace/remote/awsconfig"
	"github.com/terrace-iac/terrace/source"
)

// awsLogin signs requests for objects with the credentials of an environment.
type awsLogin struct{ config aws.Config }

// loginAWS finds the credentials that the states of the same environment would
// be read with.
func loginAWS(ctx context.Context, env []string, profile string) (source.AWSLogin, error) {
	cfg, err := awsconfig.Load(ctx, env, awsconfig.Options{Profile: profile})
	if err != nil {
		return nil, err
	}
	return awsLogin{config: cfg}, nil
}

func (l awsLogin) Region() string { return l.config.Region }

func (l awsLogin) Sign(ctx context.Context, req *http.Request, region string) error {
	keys, err := l.config.Credentials.Retrieve(ctx)
	if err != nil {
		return ctx.Err() // without credentials there are still public objects
	}
	empty := sha256.Sum256(nil)
	sum := hex.EncodeToString(empty[:])
	req.Header.Set("X-Amz-Content-Sha256", sum)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	return signer.SignHTTP(ctx, keys, req, sum, "s3", region, time.Now())
}
