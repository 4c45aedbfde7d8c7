package remote

import (
	"context"
	"errors"
	"fmt"
	slash "path"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Missing tells what Bootstrap would do.
func (b s3) Missing(ctx context.Context, s Settings) ([]Change, error) {
	m, err := b.maker(ctx, s)
	if err != nil {
		return nil, err
	}
	steps, err := m.steps(ctx)
	if err != nil {
		return nil, fmt.Errorf("s3 backend: %w", err)
	}
	var changes []Change
	for _, step := range steps {
		changes = append(changes, step.Change)
	}
	return changes, nil
}

func (b s3) maker(ctx context.Context, s Settings) (*s3maker, error) {
	p, c, err := b.at(ctx, s)
	if err != nil {
		return nil, err
	}
	return &s3maker{c: c, p: p, log: b.conns.log()}, nil
}

// madeEntry notes which tables of a bucket were seen to.
type madeEntry struct {
	mu     sync.Mutex // held while the bucket is worked on: others with the same bucket wait
	tables map[string]bool
}

// Bootstrap looks at a bucket and its lock table once in a process, in however
// many units they are named.
func (b s3) Bootstrap(ctx context.Context, s Settings, approve Approve) ([]Change, error) {
	m, err := b.maker(ctx, s)
	if err != nil {
		return nil, err
	}
	e, _ := b.conns.aws.made.LoadOrStore(m.p.clientKey()+" "+m.p.bucket, &madeEntry{tables: map[string]bool{}})
	entry := e.(*madeEntry)
	entry.mu.Lock()
	defer entry.mu.Unlock()
	if entry.tables[m.p.table] {
		return nil, nil
	}
	steps, err := m.steps(ctx)
	if err != nil {
		return nil, fmt.Errorf("s3 backend: %w", err)
	}
	done, err := m.run(ctx, steps, approve)
	if err == nil || errors.Is(err, ErrRefused) { // who was asked once is not asked again
		entry.tables[m.p.table] = true
	}
	return done, err
}

// Versioned asks the bucket.
func (b s3) Versioned(ctx context.Context, s Settings) (bool, error) {
	p, c, err := b.at(ctx, s)
	if err != nil {
		return false, err
	}
	have, err := c.s3.GetBucketVersioning(ctx, &awss3.GetBucketVersioningInput{Bucket: &p.bucket})
	if err != nil {
		return false, fmt.Errorf("bucket %s: %w", p.bucket, s3Said(err))
	}
	return have.Status == s3types.BucketVersioningStatusEnabled, nil
}

// Delete removes the newest version of the state and the item that the lock
// table keeps of it, while it holds the lock.
func (b s3) Delete(ctx context.Context, s Settings, approve Approve) ([]Change, error) {
	p, c, err := b.at(ctx, s)
	if err != nil {
		return nil, err
	}
	steps, err := c.deleting(ctx, p)
	if err != nil || len(steps) == 0 {
		return nil, err
	}
	lock, err := c.lock(ctx, p, "backend-delete")
	if err != nil {
		return nil, err
	}
	done, err := (&s3maker{c: c, p: p, log: b.conns.log()}).run(ctx, steps, approve)
	return done, errors.Join(err, lock.release(ctx))
}

// deleting are the steps that remove what is there of a state. The item goes
// first: a state without one is sound, one without a state is not.
func (c *awsClients) deleting(ctx context.Context, p s3Place) ([]s3step, error) {
	var steps []s3step
	if p.table != "" {
		digest, err := c.item(ctx, p.table, p.lockID()+"-md5", "Digest")
		if err != nil && dynamoCode(err) != "ResourceNotFoundException" {
			return nil, fmt.Errorf("lock table %s: %w", p.table, err)
		}
		if digest != "" {
			steps = append(steps, s3step{
				Change: Change{Action: "delete", Object: "DynamoDB table " + p.table + " key " + p.lockID() + "-md5"},
				do:     func(ctx context.Context) error { return c.dropDigest(ctx, p) },
			})
		}
	}
	there, err := c.exists(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, s3Said(err))
	}
	if there {
		steps = append(steps, s3step{
			Change: Change{Action: "delete", Object: "S3 bucket " + p.bucket + " key " + p.key},
			do:     func(ctx context.Context) error { return c.remove(ctx, p.bucket, p.key) },
		})
	}
	return steps, nil
}

func (c *awsClients) dropDigest(ctx context.Context, p s3Place) error {
	return c.dynamo.call(ctx, "DeleteItem", map[string]any{"TableName": p.table, "Key": lockItem(p.lockID() + "-md5")}, nil)
}

func (c *awsClients) exists(ctx context.Context, p s3Place) (bool, error) {
	in := &awss3.HeadObjectInput{Bucket: &p.bucket, Key: &p.key}
	var err error
	if in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5, err = p.customerKey(); err != nil {
		return false, err
	}
	_, err = c.s3.HeadObject(ctx, in)
	if code := s3Code(err); code == "NotFound" || code == "NoSuchKey" {
		return false, nil
	}
	return err == nil, err
}

// List gives the objects that are states by their names: those that end in
// .tfstate, and those named like the one of the settings.
func (b s3) List(ctx context.Context, s Settings) ([]Location, error) {
	s.Workspace = ""
	p, c, err := b.at(ctx, s)
	if err != nil {
		return nil, err
	}
	var found []Location
	pages := awss3.NewListObjectsV2Paginator(c.s3, &awss3.ListObjectsV2Input{Bucket: &p.bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("bucket %s: %w", p.bucket, s3Said(err))
		}
		for _, o := range page.Contents {
			key := aws.ToString(o.Key)
			if !strings.HasSuffix(key, ".tfstate") && slash.Base(key) != slash.Base(p.key) {
				continue
			}
			l := Location{Key: key, Modified: aws.ToTime(o.LastModified)}
			if rest, ok := strings.CutPrefix(key, p.prefix()+"/"); ok && p.prefix() != "" {
				if workspace, inner, ok := strings.Cut(rest, "/"); ok {
					l.Key, l.Workspace = inner, workspace
				}
			}
			found = append(found, l)
		}
	}
	slices.SortFunc(found, func(a, b Location) int {
		return strings.Compare(a.Key+"\x00"+a.Workspace, b.Key+"\x00"+b.Workspace)
	})
	return found, nil
}
