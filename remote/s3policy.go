package remote

import (
	"encoding/json"
	"fmt"
	"strings"
)

// policy is a bucket policy. Of statements that are not ours nothing is lost.
type policy struct {
	Version   string            `json:"Version"`
	ID        string            `json:"Id,omitempty"`
	Statement []json.RawMessage `json:"Statement"`
}

// parsePolicy reads a policy; an empty text is one without statements. A
// single statement need not be in a list.
func parsePolicy(text string) (policy, error) {
	p := policy{Version: "2012-10-17"}
	if strings.TrimSpace(text) == "" {
		return p, nil
	}
	var read struct {
		Version   string          `json:"Version"`
		ID        string          `json:"Id"`
		Statement json.RawMessage `json:"Statement"`
	}
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return p, fmt.Errorf("the bucket's policy cannot be read: %w", err)
	}
	p.ID = read.ID
	if read.Version != "" {
		p.Version = read.Version
	}
	if len(read.Statement) > 0 && read.Statement[0] == '{' {
		p.Statement = []json.RawMessage{read.Statement}
		return p, nil
	}
	if len(read.Statement) > 0 {
		if err := json.Unmarshal(read.Statement, &p.Statement); err != nil {
			return p, fmt.Errorf("the bucket's policy cannot be read: %w", err)
		}
	}
	return p, nil
}

// has tells whether a statement with that Sid is there, whatever it says: who
// changed it had a reason.
func (p policy) has(sid string) bool {
	for _, raw := range p.Statement {
		var statement struct {
			Sid string `json:"Sid"`
		}
		if json.Unmarshal(raw, &statement) == nil && statement.Sid == sid {
			return true
		}
	}
	return false
}

// with adds the statements whose Sids are not there yet, and names them.
func (p policy) with(statements []statement) (merged policy, added []string) {
	merged = p
	merged.Statement = append([]json.RawMessage(nil), p.Statement...)
	for _, s := range statements {
		if p.has(s.Sid) {
			continue
		}
		raw, _ := json.Marshal(s) // plain values
		merged.Statement = append(merged.Statement, raw)
		added = append(added, s.Sid)
	}
	return merged, added
}

type statement struct {
	Sid       string         `json:"Sid"`
	Effect    string         `json:"Effect"`
	Principal any            `json:"Principal"`
	Action    string         `json:"Action"`
	Resource  []string       `json:"Resource"`
	Condition map[string]any `json:"Condition,omitempty"`
}

// partition is the part of Amazon's clouds that a region belongs to.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func bucketResources(region, bucket string) []string {
	arn := "arn:" + partition(region) + ":s3:::" + bucket
	return []string{arn, arn + "/*"}
}

// rootAccess keeps the bucket in reach of the account that owns it, whatever
// other policies say.
func rootAccess(region, bucket, account string) statement {
	return statement{
		Sid: "RootAccess", Effect: "Allow", Action: "s3:*", Resource: bucketResources(region, bucket),
		Principal: map[string]any{"AWS": "arn:" + partition(region) + ":iam::" + account + ":root"},
	}
}

// enforcedTLS refuses requests that anybody on the way could read.
func enforcedTLS(region, bucket string) statement {
	return statement{
		Sid: "EnforcedTLS", Effect: "Deny", Action: "s3:*", Resource: bucketResources(region, bucket), Principal: "*",
		Condition: map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}
}

// logDelivery lets Amazon write the access logs of a bucket into another. It
// takes the place of the access control list that this once needed.
func logDelivery(region, logs, bucket string) statement {
	return statement{
		Sid: "S3ServerAccessLogs", Effect: "Allow", Action: "s3:PutObject", Resource: bucketResources(region, logs)[1:],
		Principal: map[string]any{"Service": "logging.s3.amazonaws.com"},
		Condition: map[string]any{"ArnLike": map[string]any{"aws:SourceArn": bucketResources(region, bucket)[0]}},
	}
}
