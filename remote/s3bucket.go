package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// s3bucket compares one bucket with what the settings want of it.
type s3bucket struct {
	m     *s3maker
	name  string
	fresh bool // it is not there yet, so everything is to be done
}

func (b s3bucket) step(detail, feature string, do func(context.Context) error) s3step {
	return s3step{Change: Change{Action: "update", Object: "S3 bucket " + b.name, Detail: detail}, feature: feature, do: do}
}

// features are what the settings want and the bucket has not.
func (b s3bucket) features(ctx context.Context) ([]s3step, error) {
	set := b.m.p.set
	var steps []s3step
	for _, f := range []struct {
		skip bool
		name string
		find func(context.Context) ([]s3step, error)
	}{
		{set.on("skip_bucket_public_access_blocking"), "public access blocking", b.publicAccess},
		{set.on("skip_bucket_root_access") && set.on("skip_bucket_enforced_tls"), "policies", b.policies},
		{set.on("skip_bucket_versioning"), "versioning", b.versioning},
		{set.on("skip_bucket_ssencryption"), "encryption", b.encryption},
		{set.text("accesslogging_bucket_name") == "", "access logging", b.logging},
	} {
		if f.skip {
			continue
		}
		found, err := f.find(ctx)
		switch {
		case b.m.lacking(err):
			b.m.log.Warn(fmt.Sprintf("bucket %s: this store does not know %s and is used without: %v", b.name, f.name, s3Said(err)))
		case s3Code(err) == "AccessDenied":
			b.m.log.Warn(fmt.Sprintf("bucket %s: %s is left as it is, since these credentials may not look at it", b.name, f.name))
		case err != nil:
			return nil, fmt.Errorf("%s: %w", f.name, s3Said(err))
		}
		steps = append(steps, found...)
	}
	return steps, nil
}

func (b s3bucket) versioning(ctx context.Context) ([]s3step, error) {
	if !b.fresh {
		have, err := b.m.c.s3.GetBucketVersioning(ctx, &awss3.GetBucketVersioningInput{Bucket: &b.name})
		if err != nil || have.Status == s3types.BucketVersioningStatusEnabled {
			return nil, err
		}
	}
	return []s3step{b.step("versioning on", "versioning", func(ctx context.Context) error {
		_, err := b.m.c.s3.PutBucketVersioning(ctx, &awss3.PutBucketVersioningInput{
			Bucket: &b.name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
		})
		return err
	})}, nil
}

func (b s3bucket) encryption(ctx context.Context) ([]s3step, error) {
	wanted := &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryption(or(b.m.p.set.text("bucket_sse_algorithm"), "aws:kms"))}
	if key := b.m.p.set.text("bucket_sse_kms_key_id"); key != "" && strings.HasPrefix(string(wanted.SSEAlgorithm), "aws:kms") {
		wanted.KMSMasterKeyID = &key
	}
	if !b.fresh {
		have, err := b.m.c.s3.GetBucketEncryption(ctx, &awss3.GetBucketEncryptionInput{Bucket: &b.name})
		if err != nil && s3Code(err) != "ServerSideEncryptionConfigurationNotFoundError" {
			return nil, err
		}
		if err == nil && encrypts(have.ServerSideEncryptionConfiguration, wanted) {
			return nil, nil
		}
	}
	detail := "encryption " + string(wanted.SSEAlgorithm)
	if wanted.KMSMasterKeyID != nil {
		detail += " with the key " + *wanted.KMSMasterKeyID
	}
	feature := detail + " by default (bucket_sse_algorithm and bucket_sse_kms_key_id choose another, skip_bucket_ssencryption = true none)"
	return []s3step{b.step(detail, feature, func(ctx context.Context) error {
		_, err := b.m.c.s3.PutBucketEncryption(ctx, &awss3.PutBucketEncryptionInput{
			Bucket: &b.name, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
				Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: wanted, BucketKeyEnabled: aws.Bool(true)}},
			},
		})
		return err
	})}, nil
}

// encrypts tells whether an answer, which may be empty, holds the wanted rule.
// A key is compared only where one is wanted.
func encrypts(have *s3types.ServerSideEncryptionConfiguration, wanted *s3types.ServerSideEncryptionByDefault) bool {
	if have == nil {
		return false
	}
	for _, rule := range have.Rules {
		is := rule.ApplyServerSideEncryptionByDefault
		if is != nil && is.SSEAlgorithm == wanted.SSEAlgorithm && (wanted.KMSMasterKeyID == nil || sameKey(aws.ToString(is.KMSMasterKeyID), *wanted.KMSMasterKeyID)) {
			return true
		}
	}
	return false
}

// sameKey compares keys of KMS, of which either may be written as an ARN.
func sameKey(a, b string) bool {
	return a == b || strings.HasSuffix(a, "/"+b) || strings.HasSuffix(b, "/"+a) || strings.HasSuffix(a, ":"+b) || strings.HasSuffix(b, ":"+a)
}

func (b s3bucket) publicAccess(ctx context.Context) ([]s3step, error) {
	if !b.fresh {
		have, err := b.m.c.s3.GetPublicAccessBlock(ctx, &awss3.GetPublicAccessBlockInput{Bucket: &b.name})
		if err != nil && s3Code(err) != "NoSuchPublicAccessBlockConfiguration" {
			return nil, err
		}
		if err == nil && blocked(have.PublicAccessBlockConfiguration) {
			return nil, nil
		}
	}
	return []s3step{b.step("public access blocked", "the block of public access (skip_bucket_public_access_blocking = true does without)", func(ctx context.Context) error {
		_, err := b.m.c.s3.PutPublicAccessBlock(ctx, &awss3.PutPublicAccessBlockInput{
			Bucket: &b.name, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
				BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
			},
		})
		return err
	})}, nil
}

func blocked(c *s3types.PublicAccessBlockConfiguration) bool {
	return c != nil && aws.ToBool(c.BlockPublicAcls) && aws.ToBool(c.BlockPublicPolicy) && aws.ToBool(c.IgnorePublicAcls) && aws.ToBool(c.RestrictPublicBuckets)
}

// policies adds the statements that are missing to those that are there.
func (b s3bucket) policies(ctx context.Context) ([]s3step, error) {
	have, err := b.policy(ctx)
	if err != nil {
		return nil, err
	}
	set := b.m.p.set
	var wanted []statement
	if !set.on("skip_bucket_root_access") && !have.has("RootAccess") {
		account, err := b.m.identity(ctx)
		if err != nil {
			return nil, err
		}
		if account == "" {
			b.m.log.Info(fmt.Sprintf("bucket %s: the account is not asked for, so it gets no policy RootAccess", b.name))
		} else {
			wanted = append(wanted, rootAccess(b.m.c.region, b.name, account))
		}
	}
	if !set.on("skip_bucket_enforced_tls") && !have.has("EnforcedTLS") {
		wanted = append(wanted, b.tls()...)
	}
	return b.putPolicy(have, wanted), nil
}

// tls is the policy EnforcedTLS, unless we ourselves come without TLS and
// would shut ourselves out.
func (b s3bucket) tls() []statement {
	if b.m.c.plain {
		b.m.log.Warn(fmt.Sprintf("bucket %s: it is reached without TLS, so the policy EnforcedTLS, which would shut out everybody, is left away", b.name))
		return nil
	}
	return []statement{enforcedTLS(b.m.c.region, b.name)}
}

func (b s3bucket) policy(ctx context.Context) (policy, error) {
	if b.fresh {
		return parsePolicy("")
	}
	have, err := b.m.c.s3.GetBucketPolicy(ctx, &awss3.GetBucketPolicyInput{Bucket: &b.name})
	if s3Code(err) == "NoSuchBucketPolicy" {
		return parsePolicy("")
	}
	if err != nil {
		return policy{}, err
	}
	return parsePolicy(aws.ToString(have.Policy))
}

func (b s3bucket) putPolicy(have policy, wanted []statement) []s3step {
	merged, added := have.with(wanted)
	if len(added) == 0 {
		return nil
	}
	return []s3step{b.step("policy "+strings.Join(added, ", "), "bucket policies", func(ctx context.Context) error {
		text, err := json.Marshal(merged)
		if err != nil {
			return err
		}
		_, err = b.m.c.s3.PutBucketPolicy(ctx, &awss3.PutBucketPolicyInput{Bucket: &b.name, Policy: aws.String(string(text))})
		return err
	})}
}
