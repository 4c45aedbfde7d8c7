package awsauth

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Identity is who AWS takes us for.
type Identity struct{ Account, ARN, UserID string }

// WhoAmI asks STS.
func WhoAmI(ctx context.Context, env Env) (Identity, error) {
	cfg, err := Load(ctx, env, Options{})
	if err != nil {
		return Identity{}, fmt.Errorf("asking AWS who we are: %w", err)
	}
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, fmt.Errorf("asking AWS who we are: %w", err)
	}
	return Identity{Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn), UserID: aws.ToString(out.UserId)}, nil
}

// Alias asks IAM for the name of the account, "" where it has none.
func Alias(ctx context.Context, env Env) (string, error) {
	cfg, err := Load(ctx, env, Options{})
	if err != nil {
		return "", fmt.Errorf("asking AWS for the account's alias: %w", err)
	}
	out, err := iam.NewFromConfig(cfg).ListAccountAliases(ctx, &iam.ListAccountAliasesInput{})
	if err != nil {
		return "", fmt.Errorf("asking AWS for the account's alias: %w", err)
	}
	if len(out.AccountAliases) == 0 {
		return "", nil
	}
	return out.AccountAliases[0], nil // an account has one at most
}
