package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// s3Limit bounds a state: larger ones are left to the binary.
const s3Limit = 256 << 20

// s3Code is the code of a refusal, "" for other errors.
func s3Code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// s3Said shortens an error of the library to what the store said. The rest
// are numbers of the request.
func s3Said(err error) error {
	if on := beforehand(err); on != nil {
		return fmt.Errorf("no credentials: %s: %w", on.Operation(), s3Said(on.Err))
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		return fmt.Errorf("%s: %s", api.ErrorCode(), or(api.ErrorMessage(), "no reason given"))
	}
	return err
}

// beforehand is the request that failed before the one that was wanted could
// be sent, such as that for the credentials of a role; nil for none.
func beforehand(err error) *smithy.OperationError {
	var wanted, before *smithy.OperationError
	if errors.As(err, &wanted) && errors.As(wanted.Err, &before) {
		return before
	}
	return nil
}

// at is the clients for the place of a state.
func (b s3) at(ctx context.Context, s Settings) (s3Place, *awsClients, error) {
	p, err := s3PlaceOf(s)
	if err != nil {
		return p, nil, err
	}
	c, err := b.conns.aws.get(ctx, p)
	return p, c, err
}

// State reads the object. Whatever goes wrong on the way is left to the
// binary, which explains itself.
func (b s3) State(ctx context.Context, s Settings) (*State, error) {
	p, c, err := b.at(ctx, s)
	if err != nil {
		return nil, &UnreadableError{Where: "s3 backend", Reason: "cannot be asked", Err: err}
	}
	for _, key := range []string{"http_proxy", "https_proxy", "no_proxy"} {
		if p.set[key] != nil {
			return nil, throughBinary(s)
		}
	}
	body, err := c.read(ctx, p)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, ErrNoState):
		return nil, fmt.Errorf("%s: %w", p, err)
	case err != nil:
		return nil, &UnreadableError{Where: p.String(), Reason: "cannot be read", Err: s3Said(err)}
	}
	state, err := ParseState(body)
	if err != nil {
		return nil, located(p.String(), err)
	}
	return state, nil
}

// read gives the text of a state, ErrNoState where there is no such object.
func (c *awsClients) read(ctx context.Context, p s3Place) ([]byte, error) {
	in := &awss3.GetObjectInput{Bucket: &p.bucket, Key: &p.key}
	var err error
	if in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5, err = p.customerKey(); err != nil {
		return nil, err
	}
	answer, err := c.s3.GetObject(ctx, in)
	if code := s3Code(err); code == "NoSuchKey" || code == "NotFound" {
		return nil, ErrNoState
	}
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(io.LimitReader(answer.Body, s3Limit+1))
	if err == nil && len(body) > s3Limit {
		err = errors.New("the object is too large")
	}
	return body, err
}

// writeNew puts a state where there is none, encrypted as the settings say.
// ErrStateExists where there is one.
func (c *awsClients) writeNew(ctx context.Context, p s3Place, body []byte) error {
	kind, none := "application/json", "*"
	in := &awss3.PutObjectInput{Bucket: &p.bucket, Key: &p.key, Body: bytes.NewReader(body), ContentType: &kind, IfNoneMatch: &none}
	var err error
	if in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5, err = p.customerKey(); err != nil {
		return err
	}
	if in.SSECustomerKey == nil && p.set.on("encrypt") {
		in.ServerSideEncryption = s3types.ServerSideEncryptionAes256
		if key := p.set.text("kms_key_id"); key != "" {
			in.ServerSideEncryption, in.SSEKMSKeyId = s3types.ServerSideEncryptionAwsKms, &key
		}
	}
	if acl := p.set.text("acl"); acl != "" {
		in.ACL = s3types.ObjectCannedACL(acl)
	}
	_, err = c.s3.PutObject(ctx, in)
	if s3Code(err) == "PreconditionFailed" {
		return ErrStateExists
	}
	return err
}

func (c *awsClients) remove(ctx context.Context, bucket, key string) error {
	_, err := c.s3.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: &bucket, Key: &key})
	return err
}
