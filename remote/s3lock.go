package remote

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// lockLimit bounds what is read of a lock.
const lockLimit = 1 << 20

// Lock reads the lock file beside the state and the item in the lock table, of
// which the settings may use either or both.
func (b s3) Lock(ctx context.Context, s Settings) (*Lock, error) {
	p, c, err := b.at(ctx, s)
	if err != nil {
		return nil, err
	}
	if p.file {
		if l, err := c.lockFile(ctx, p); l != nil || err != nil {
			return l, err
		}
	}
	if p.table == "" {
		return nil, nil
	}
	return c.lockItem(ctx, p)
}

func (c *awsClients) lockFile(ctx context.Context, p s3Place) (*Lock, error) {
	key := p.lockKey()
	answer, err := c.s3.GetObject(ctx, &awss3.GetObjectInput{Bucket: &p.bucket, Key: &key})
	switch code := s3Code(err); {
	case code == "NoSuchKey" || code == "NotFound" || code == "NoSuchBucket":
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("the lock of %s: %w", p, s3Said(err))
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(io.LimitReader(answer.Body, lockLimit))
	if err != nil {
		return nil, err
	}
	return readLock(p, text)
}

func (c *awsClients) lockItem(ctx context.Context, p s3Place) (*Lock, error) {
	info, err := c.item(ctx, p.table, p.lockID(), "Info")
	if dynamoCode(err) == "ResourceNotFoundException" {
		return nil, nil
	}
	if err != nil || info == "" {
		return nil, err
	}
	return readLock(p, []byte(info))
}

// item gives one attribute of an item, "" where there is no such item.
func (c *awsClients) item(ctx context.Context, table, id, attribute string) (string, error) {
	var answer struct{ Item dynamoItem }
	err := c.dynamo.call(ctx, "GetItem", map[string]any{"TableName": table, "Key": lockItem(id), "ConsistentRead": true}, &answer)
	return answer.Item[attribute].S, err
}

func readLock(p s3Place, text []byte) (*Lock, error) {
	var l Lock
	if err := json.Unmarshal(text, &l); err != nil {
		return nil, fmt.Errorf("the lock of %s cannot be read: %w", p, err)
	}
	return &l, nil
}

// held is a lock of ours.
type held struct {
	c      *awsClients
	p      s3Place
	id     string
	inFile bool
	inItem bool
}

// lock takes the lock on a state as the binary does, so that neither works
// while the other does. The error is a *HeldError where somebody holds it.
// Without a lock in the settings there is nothing to take.
func (c *awsClients) lock(ctx context.Context, p s3Place, operation string) (*held, error) {
	info, err := newLock(operation, p.lockID())
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(info)
	if err != nil {
		return nil, err
	}
	h := &held{c: c, p: p, id: info.ID}
	if p.file {
		if err := h.takeFile(ctx, text); err != nil {
			return nil, err
		}
	}
	if p.table != "" {
		if err := h.takeItem(ctx, text); err != nil {
			return nil, errors.Join(err, h.release(ctx))
		}
	}
	return h, nil
}

// lockInfo is a lock as the binary writes it.
type lockInfo struct {
	Lock
	Path string
}

func newLock(operation, path string) (lockInfo, error) {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return lockInfo{}, err
	}
	who := "unknown"
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		who += "@" + host
	}
	text := hex.EncodeToString(id)
	text = text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
	return lockInfo{Lock{ID: text, Operation: operation, Who: who, Version: "terrace", Created: time.Now().UTC()}, path}, nil
}

func (h *held) takeFile(ctx context.Context, text []byte) error {
	key, kind, none := h.p.lockKey(), "application/json", "*"
	_, err := h.c.s3.PutObject(ctx, &awss3.PutObjectInput{Bucket: &h.p.bucket, Key: &key, Body: bytes.NewReader(text), ContentType: &kind, IfNoneMatch: &none})
	if err == nil {
		h.inFile = true
		return nil
	}
	if code := s3Code(err); code != "PreconditionFailed" && code != "ConditionalRequestConflict" {
		return fmt.Errorf("locking %s: %w", h.p, s3Said(err))
	}
	holder, err := h.c.lockFile(ctx, h.p)
	// A request that was sent again because its answer was lost meets itself.
	if h.inFile = err == nil && holder != nil && holder.ID == h.id; h.inFile {
		return nil
	}
	return heldBy(h.p, holder, err)
}

func (h *held) takeItem(ctx context.Context, text []byte) error {
	item := lockItem(h.p.lockID())
	item["Info"] = map[string]any{"S": string(text)}
	err := h.c.dynamo.call(ctx, "PutItem", map[string]any{"TableName": h.p.table, "Item": item, "ConditionExpression": "attribute_not_exists(LockID)"}, nil)
	if err == nil {
		h.inItem = true
		return nil
	}
	if dynamoCode(err) != "ConditionalCheckFailedException" {
		return fmt.Errorf("locking %s in the table %s: %w", h.p, h.p.table, err)
	}
	holder, err := h.c.lockItem(ctx, h.p)
	if h.inItem = err == nil && holder != nil && holder.ID == h.id; h.inItem {
		return nil
	}
	return heldBy(h.p, holder, err)
}

func heldBy(p s3Place, holder *Lock, err error) error {
	if err != nil {
		return err
	}
	if holder == nil {
		holder = &Lock{ID: "that was released meanwhile"}
	}
	return &HeldError{Where: p.String(), Lock: *holder}
}

// release gives the lock back, also when the context has ended.
func (h *held) release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	var errs []error
	if h.inFile {
		errs = append(errs, h.c.remove(ctx, h.p.bucket, h.p.lockKey()))
	}
	if h.inItem {
		errs = append(errs, h.c.dynamo.call(ctx, "DeleteItem", map[string]any{"TableName": h.p.table, "Key": lockItem(h.p.lockID())}, nil))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("the lock %s on %s was not given back: %w", h.id, h.p, err)
	}
	return nil
}
