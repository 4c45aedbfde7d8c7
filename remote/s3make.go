package remote

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func (m *s3maker) createBucket(ctx context.Context, bucket string) error {
	in := &awss3.CreateBucketInput{Bucket: &bucket, ObjectOwnership: s3types.ObjectOwnershipBucketOwnerEnforced}
	if bucket == m.p.bucket && m.p.set.text("acl") != "" {
		in.ObjectOwnership = s3types.ObjectOwnershipObjectWriter
	}
	if m.c.region != "us-east-1" {
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(m.c.region)}
	}
	_, err := m.c.s3.CreateBucket(ctx, in)
	if m.lacking(err) {
		in.ObjectOwnership = ""
		_, err = m.c.s3.CreateBucket(ctx, in)
	}
	if err != nil && s3Code(err) != "BucketAlreadyOwnedByYou" { // by a run beside this one
		return err
	}
	return m.awaitBucket(ctx, bucket)
}

func (m *s3maker) tagBucket(ctx context.Context, bucket string, tags map[string]string) error {
	set := &s3types.Tagging{}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		set.TagSet = append(set.TagSet, s3types.Tag{Key: aws.String(name), Value: aws.String(tags[name])})
	}
	_, err := m.c.s3.PutBucketTagging(ctx, &awss3.PutBucketTaggingInput{Bucket: &bucket, Tagging: set})
	return err
}

// logging has the bucket's accesses written into another bucket, which is made
// where it is missing. One that is there is somebody else's affair.
func (b s3bucket) logging(ctx context.Context) ([]s3step, error) {
	target := b.m.p.set.text("accesslogging_bucket_name")
	prefix := "TFStateLogs/"
	if text, ok := b.m.p.set["accesslogging_target_prefix"].(string); ok {
		prefix = text
	}
	wanted := &s3types.LoggingEnabled{TargetBucket: &target, TargetPrefix: &prefix}
	if source := b.m.p.set.text("accesslogging_target_object_partition_date_source"); source != "" {
		wanted.TargetObjectKeyFormat = &s3types.TargetObjectKeyFormat{
			PartitionedPrefix: &s3types.PartitionedPrefix{PartitionDateSource: s3types.PartitionDateSource(source)},
		}
	}
	if !b.fresh {
		have, err := b.m.c.s3.GetBucketLogging(ctx, &awss3.GetBucketLoggingInput{Bucket: &b.name})
		if err != nil || logs(have.LoggingEnabled, wanted) {
			return nil, err
		}
	}
	steps, err := b.m.logBucket(ctx, target, b.name)
	if err != nil {
		return nil, err
	}
	return append(steps, b.step("access logged to "+target+"/"+prefix, "access logging", func(ctx context.Context) error {
		_, err := b.m.c.s3.PutBucketLogging(ctx, &awss3.PutBucketLoggingInput{Bucket: &b.name, BucketLoggingStatus: &s3types.BucketLoggingStatus{LoggingEnabled: wanted}})
		return err
	})), nil
}

func logs(have, wanted *s3types.LoggingEnabled) bool {
	if have == nil || aws.ToString(have.TargetBucket) != *wanted.TargetBucket || aws.ToString(have.TargetPrefix) != *wanted.TargetPrefix {
		return false
	}
	return partitioned(have) == partitioned(wanted)
}

func partitioned(l *s3types.LoggingEnabled) s3types.PartitionDateSource {
	if l.TargetObjectKeyFormat == nil || l.TargetObjectKeyFormat.PartitionedPrefix == nil {
		return ""
	}
	return l.TargetObjectKeyFormat.PartitionedPrefix.PartitionDateSource
}

// logBucket are the steps to make the bucket that access logs go to.
func (m *s3maker) logBucket(ctx context.Context, name, source string) ([]s3step, error) {
	there, err := m.head(ctx, name)
	if err != nil || there {
		return nil, err
	}
	set := m.p.set
	logs := s3bucket{m: m, name: name, fresh: true}
	steps := m.create(name, set.tags("accesslogging_bucket_tags"))
	if !set.on("skip_accesslogging_bucket_public_access_blocking") {
		block, err := logs.publicAccess(ctx)
		if err != nil {
			return nil, err
		}
		steps = append(steps, block...)
	}
	var statements []statement
	if !set.on("skip_accesslogging_bucket_acl") {
		statements = append(statements, logDelivery(m.c.region, name, source))
	}
	if !set.on("skip_accesslogging_bucket_enforced_tls") {
		statements = append(statements, logs.tls()...)
	}
	steps = append(steps, logs.putPolicy(policy{Version: "2012-10-17"}, statements)...)
	versions, err := logs.versioning(ctx)
	if err != nil {
		return nil, err
	}
	steps = append(steps, versions...)
	if set.on("skip_accesslogging_bucket_ssencryption") {
		return steps, nil
	}
	return append(steps, logs.step("encryption AES256", "default encryption", func(ctx context.Context) error {
		_, err := m.c.s3.PutBucketEncryption(ctx, &awss3.PutBucketEncryptionInput{
			Bucket: &name, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAes256},
			}}},
		})
		return err
	})), nil
}
