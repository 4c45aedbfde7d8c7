package remote

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // the protocol wants it
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Move copies through this machine: source and destination may lie in other
// accounts and regions, and each is asked with its own credentials.
func (b s3) Move(ctx context.Context, from, to Settings, approve Approve) ([]Change, error) {
	source, err := b.end(ctx, from)
	if err != nil {
		return nil, err
	}
	target, err := b.end(ctx, to)
	if err != nil {
		return nil, err
	}
	if source.p.lockID() == target.p.lockID() && aws.ToString(source.c.s3.Options().BaseEndpoint) == aws.ToString(target.c.s3.Options().BaseEndpoint) {
		return nil, fmt.Errorf("%s: source and destination are the same state", source.p)
	}
	if err := movable(ctx, source, target); err != nil {
		return nil, err
	}
	change := Change{Action: "move", Object: source.p.String(), Detail: "to " + target.p.String()}
	ok, err := approve(change)
	if err == nil && !ok {
		err = ErrRefused
	}
	if err != nil {
		return nil, err
	}
	if err := moveLocked(ctx, source, target); err != nil {
		return nil, err
	}
	return []Change{change}, nil
}

// s3end is one end of a move.
type s3end struct {
	c *awsClients
	p s3Place
}

func (b s3) end(ctx context.Context, s Settings) (s3end, error) {
	p, c, err := b.at(ctx, s)
	return s3end{c, p}, err
}

// movable says before anybody is asked what would stop a move.
func movable(ctx context.Context, source, target s3end) error {
	there, err := source.c.exists(ctx, source.p)
	if err == nil && !there {
		err = ErrNoState
	}
	if err != nil {
		return fmt.Errorf("%s: %w", source.p, s3Said(err))
	}
	there, err = target.c.exists(ctx, target.p)
	if err == nil && there {
		err = ErrStateExists
	}
	if err != nil {
		return fmt.Errorf("%s: %w", target.p, s3Said(err))
	}
	return nil
}

// moveLocked holds both locks while it copies, compares and deletes.
func moveLocked(ctx context.Context, source, target s3end) (err error) {
	for _, end := range []s3end{source, target} {
		lock, lockErr := end.c.lock(ctx, end.p, "backend-migrate")
		if lockErr != nil {
			return lockErr
		}
		defer func() { err = errors.Join(err, lock.release(ctx)) }()
	}
	body, err := source.c.read(ctx, source.p)
	if err != nil {
		return fmt.Errorf("%s: %w", source.p, s3Said(err))
	}
	if err := target.c.writeNew(ctx, target.p, body); err != nil {
		return fmt.Errorf("%s: %w", target.p, s3Said(err))
	}
	if err := target.verify(ctx, body); err != nil {
		return err
	}
	if source.p.table != "" {
		if err := source.c.dropDigest(ctx, source.p); err != nil {
			return fmt.Errorf("%s was copied to %s, but stays there too: %w", source.p, target.p, err)
		}
	}
	if err := source.c.remove(ctx, source.p.bucket, source.p.key); err != nil {
		return fmt.Errorf("%s was copied to %s, but stays there too: %w", source.p, target.p, s3Said(err))
	}
	return nil
}

// verify reads what was written, and notes its digest where the binary looks
// for one.
func (e s3end) verify(ctx context.Context, body []byte) error {
	got, err := e.c.read(ctx, e.p)
	if err == nil && !bytes.Equal(got, body) {
		err = errors.New("what was written reads differently: the source is left as it was")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", e.p, s3Said(err))
	}
	if e.p.table == "" {
		return nil
	}
	sum := md5.Sum(body) //nolint:gosec // the protocol wants it
	item := lockItem(e.p.lockID() + "-md5")
	item["Digest"] = map[string]any{"S": hex.EncodeToString(sum[:])}
	if err := e.c.dynamo.call(ctx, "PutItem", map[string]any{"TableName": e.p.table, "Item": item}, nil); err != nil {
		return fmt.Errorf("%s: %w", e.p, err)
	}
	return nil
}
