package remote

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// dynamo asks DynamoDB for the few things that locks need. The library's own
// client would cost every start of the program 0.8 ms.
type dynamo struct {
	cfg      aws.Config
	endpoint string
}

const (
	dynamoAttempts = 5
	dynamoTimeout  = 30 * time.Second
	dynamoLimit    = 4 << 20 // bytes; an item has 400 KB at most
)

// dynamoEndpoint is where Amazon's own service is asked.
func dynamoEndpoint(region string, fips bool) string {
	host, domain := "dynamodb", "amazonaws.com"
	if fips {
		host = "dynamodb-fips"
	}
	if strings.HasPrefix(region, "cn-") {
		domain = "amazonaws.com.cn"
	}
	return "https://" + host + "." + region + "." + domain
}

// dynamoError is what the service refused a request with.
type dynamoError struct {
	Action, Code, Message string
	Status                int
}

func (e *dynamoError) Error() string {
	return fmt.Sprintf("dynamodb: %s: %s: %s", e.Action, or(e.Code, fmt.Sprintf("status %d", e.Status)), or(e.Message, "no reason given"))
}

func dynamoCode(err error) string {
	var e *dynamoError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// dynamoItem is an item whose attributes are texts.
type dynamoItem map[string]struct {
	S string `json:"S"`
}

func lockItem(id string) map[string]any { return map[string]any{"LockID": map[string]any{"S": id}} }

// call asks until it is answered, and fails with what the last answer was.
func (d *dynamo) call(ctx context.Context, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := d.once(ctx, action, body, out)
		if err == nil || attempt == dynamoAttempts || !passing(err) || ctx.Err() != nil {
			return err
		}
		if err := pause(ctx, time.Duration(attempt*attempt)*100*time.Millisecond); err != nil {
			return err
		}
	}
}

// passing says whether an error may be gone a moment later.
func passing(err error) bool {
	var e *dynamoError
	if !errors.As(err, &e) {
		var credentials *credentialsError
		return !errors.As(err, &credentials)
	}
	return e.Status >= 500 || e.Code == "ThrottlingException" || e.Code == "ProvisionedThroughputExceededException" || e.Code == "RequestLimitExceeded"
}

// credentialsError says that there is nothing to sign a request with.
type credentialsError struct{ Err error }

func (e *credentialsError) Error() string { return "no credentials for AWS: " + e.Err.Error() }
func (e *credentialsError) Unwrap() error { return e.Err }

func (d *dynamo) once(ctx context.Context, action string, body []byte, out any) error {
	ctx, cancel := context.WithTimeout(ctx, dynamoTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+action)
	if err := d.sign(ctx, req, body); err != nil {
		return err
	}
	answer, err := d.cfg.HTTPClient.Do(req)
	if err != nil {
		return fmt.Errorf("dynamodb: %s: %w", action, err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(io.LimitReader(answer.Body, dynamoLimit))
	if err != nil {
		return fmt.Errorf("dynamodb: %s: %w", action, err)
	}
	if answer.StatusCode != http.StatusOK {
		return dynamoRefusal(action, answer.StatusCode, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

func (d *dynamo) sign(ctx context.Context, req *http.Request, body []byte) error {
	credentials, err := d.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return &credentialsError{err}
	}
	sum := sha256.Sum256(body)
	return v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), "dynamodb", d.cfg.Region, time.Now())
}

func dynamoRefusal(action string, status int, text []byte) error {
	var said struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
		Other   string `json:"Message"`
	}
	_ = json.Unmarshal(text, &said) // a proxy's page has no code
	_, code, cut := strings.Cut(said.Type, "#")
	if !cut {
		code = said.Type
	}
	return &dynamoError{Action: action, Code: code, Message: or(said.Message, said.Other), Status: status}
}

// pause waits, or ends with the context.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
