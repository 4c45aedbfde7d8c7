package remote

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// dynamoTable is what is looked at of a table.
type dynamoTable struct {
	Table struct {
		TableStatus          string
		KeySchema            []struct{ AttributeName, KeyType string }
		AttributeDefinitions []struct{ AttributeName, AttributeType string }
		SSEDescription       struct{ Status string }
	}
}

// tableSteps are what makes the table fit for locks.
func (m *s3maker) tableSteps(ctx context.Context) ([]s3step, error) {
	encrypt := m.p.set.on("enable_lock_table_ssencryption")
	table, err := m.describe(ctx)
	if dynamoCode(err) == "ResourceNotFoundException" {
		detail := "in " + m.c.region
		if encrypt {
			detail += ", encrypted with KMS"
		}
		return []s3step{{Change: Change{Action: "create", Object: "DynamoDB table " + m.p.table, Detail: detail}, do: m.createTable}}, nil
	}
	if err != nil {
		return nil, err
	}
	if !table.keyed() {
		return nil, errors.New("its key is not LockID of type String, so it cannot hold locks: name another table in dynamodb_table")
	}
	if !encrypt || table.Table.SSEDescription.Status != "" && table.Table.SSEDescription.Status != "DISABLED" || m.p.set.on("disable_bucket_update") {
		return nil, nil
	}
	return []s3step{{Change: Change{Action: "update", Object: "DynamoDB table " + m.p.table, Detail: "encryption with KMS"}, do: m.encryptTable}}, nil
}

func (t dynamoTable) keyed() bool {
	if len(t.Table.KeySchema) != 1 || t.Table.KeySchema[0].AttributeName != "LockID" {
		return false
	}
	for _, a := range t.Table.AttributeDefinitions {
		if a.AttributeName == "LockID" {
			return a.AttributeType == "S"
		}
	}
	return false
}

func (m *s3maker) describe(ctx context.Context) (dynamoTable, error) {
	var table dynamoTable
	err := m.c.dynamo.call(ctx, "DescribeTable", map[string]any{"TableName": m.p.table}, &table)
	return table, err
}

func (m *s3maker) createTable(ctx context.Context) error {
	in := map[string]any{
		"TableName": m.p.table, "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": []any{map[string]any{"AttributeName": "LockID", "AttributeType": "S"}},
		"KeySchema":            []any{map[string]any{"AttributeName": "LockID", "KeyType": "HASH"}},
	}
	if m.p.set.on("enable_lock_table_ssencryption") {
		in["SSESpecification"] = map[string]any{"Enabled": true, "SSEType": "KMS"}
	}
	if tags := m.p.set.tags("dynamodb_table_tags"); len(tags) > 0 {
		var list []any
		for _, name := range slices.Sorted(maps.Keys(tags)) {
			list = append(list, map[string]any{"Key": name, "Value": tags[name]})
		}
		in["Tags"] = list
	}
	err := m.c.dynamo.call(ctx, "CreateTable", in, nil)
	if err != nil && dynamoCode(err) != "ResourceInUseException" { // made by a run beside this one
		return err
	}
	return m.awaitTable(ctx)
}

func (m *s3maker) encryptTable(ctx context.Context) error {
	err := m.c.dynamo.call(ctx, "UpdateTable", map[string]any{
		"TableName": m.p.table, "SSESpecification": map[string]any{"Enabled": true, "SSEType": "KMS"},
	}, nil)
	if err != nil {
		return err
	}
	return m.awaitTable(ctx)
}

// awaitTable waits until the table takes locks.
func (m *s3maker) awaitTable(ctx context.Context) error {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		table, err := m.describe(ctx)
		if err != nil && dynamoCode(err) != "ResourceNotFoundException" {
			return err
		}
		if err == nil && table.Table.TableStatus == "ACTIVE" {
			return nil
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}
