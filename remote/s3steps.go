package remote

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// s3step is one change and how it is made.
type s3step struct {
	Change
	do func(ctx context.Context) error
	// feature is one that stores other than Amazon's may lack: they are then
	// told to the log and done without. "" ends the work.
	feature string
}

// s3maker finds out what a bucket and its lock table lack. It only reads;
// the steps that it gives write.
type s3maker struct {
	c   *awsClients
	p   s3Place
	log *slog.Logger

	account string // asked for when it is needed
}

// steps are in the order in which they are to be done.
func (m *s3maker) steps(ctx context.Context) ([]s3step, error) {
	bucket, err := m.bucketSteps(ctx)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", m.p.bucket, err)
	}
	if m.p.table == "" {
		return bucket, nil
	}
	table, err := m.tableSteps(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock table %s: %w", m.p.table, err)
	}
	return append(bucket, table...), nil
}

func (m *s3maker) bucketSteps(ctx context.Context) ([]s3step, error) {
	there, err := m.head(ctx, m.p.bucket)
	if err != nil {
		return nil, err
	}
	if there && m.p.set.on("disable_bucket_update") {
		return nil, nil
	}
	b := s3bucket{m: m, name: m.p.bucket, fresh: !there}
	var steps []s3step
	if !there {
		if err := m.admitted(ctx); err != nil {
			return nil, err
		}
		steps = append(steps, m.create(m.p.bucket, m.p.set.tags("s3_bucket_tags"))...)
	}
	features, err := b.features(ctx)
	return append(steps, features...), err
}

// head tells whether a bucket is there and ours.
func (m *s3maker) head(ctx context.Context, bucket string) (bool, error) {
	_, err := m.c.s3.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: &bucket})
	if err == nil {
		return true, nil
	}
	var answer *awshttp.ResponseError
	if beforehand(err) != nil || !errors.As(err, &answer) {
		return false, s3Said(err)
	}
	switch answer.HTTPStatusCode() {
	case http.StatusNotFound:
		return false, nil
	case http.StatusForbidden:
		return false, errors.New("it belongs to another account, or these credentials may not look at it (s3:ListBucket)")
	case http.StatusMovedPermanently:
		return false, fmt.Errorf("it is not in the region %s but in %s", m.c.region, or(answer.Response.Header.Get("X-Amz-Bucket-Region"), "another"))
	}
	return false, s3Said(err)
}

// create makes a bucket whose objects belong to its owner, whoever wrote them.
// Where the settings give objects an access control list, which such a bucket
// refuses, lists stay possible.
func (m *s3maker) create(bucket string, tags map[string]string) []s3step {
	detail := "in " + m.c.region
	steps := []s3step{{Change: Change{Action: "create", Object: "S3 bucket " + bucket, Detail: detail}, do: func(ctx context.Context) error {
		return m.createBucket(ctx, bucket)
	}}}
	if len(tags) > 0 {
		steps = append(steps, s3step{
			Change: Change{Action: "update", Object: "S3 bucket " + bucket, Detail: "tags " + strings.Join(slices.Sorted(maps.Keys(tags)), ", ")}, feature: "tags",
			do: func(ctx context.Context) error { return m.tagBucket(ctx, bucket, tags) },
		})
	}
	return steps
}

// identity asks who we are; "" for the account where the settings forbid that.
func (m *s3maker) identity(ctx context.Context) (string, error) {
	if m.account != "" || m.p.set.on("skip_requesting_account_id", "skip_credentials_validation") {
		return m.account, nil
	}
	who, err := m.c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", fmt.Errorf("asking AWS who we are: %w (skip_credentials_validation = true does without, for stores that have no STS)", s3Said(err))
	}
	m.account = aws.ToString(who.Account)
	return m.account, nil
}

// admitted fails before anything is made with the credentials of an account
// that the settings do not want.
func (m *s3maker) admitted(ctx context.Context) error {
	account, err := m.identity(ctx)
	if err != nil || account == "" {
		return err
	}
	if allowed := m.p.set.texts("allowed_account_ids"); len(allowed) > 0 && !slices.Contains(allowed, account) {
		return fmt.Errorf("the AWS account %s is not among allowed_account_ids", account)
	}
	if slices.Contains(m.p.set.texts("forbidden_account_ids"), account) {
		return fmt.Errorf("the AWS account %s is among forbidden_account_ids", account)
	}
	return nil
}

// lacking says whether a store other than Amazon's has refused a request since
// it does not know what was asked for.
func (m *s3maker) lacking(err error) bool {
	if err == nil || !m.c.custom {
		return false
	}
	switch s3Code(err) {
	case "NotImplemented", "XNotImplemented", "MalformedXML", "MethodNotAllowed", "InvalidArgument", "MalformedPolicy", "AccessControlListNotSupported", "UnsupportedOperation":
		return true
	}
	var answer *awshttp.ResponseError
	return errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusNotImplemented
}

// run does the steps that are approved, and gives those that were done.
func (m *s3maker) run(ctx context.Context, steps []s3step, approve Approve) ([]Change, error) {
	var done []Change
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		ok, err := approve(step.Change)
		if err != nil {
			return done, err
		}
		if !ok {
			return done, ErrRefused
		}
		err = step.do(ctx)
		if step.feature != "" && m.lacking(err) {
			m.log.Warn(fmt.Sprintf("%s: this store refuses %s and is used without: %v", step.Object, step.feature, s3Said(err)))
			continue
		}
		if err != nil {
			return done, fmt.Errorf("%s: %w", step.Change, s3Said(err))
		}
		done = append(done, step.Change)
	}
	return done, nil
}

// awaitBucket waits until a bucket that was made can be used everywhere.
func (m *s3maker) awaitBucket(ctx context.Context, bucket string) error {
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		there, err := m.head(ctx, bucket)
		if err != nil || there {
			return err
		}
		if wait > 30*time.Second {
			return errors.New("it was created but does not appear")
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}
