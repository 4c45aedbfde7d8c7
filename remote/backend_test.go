package remote

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
)

func TestInitArgs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, backend string
		config, want  map[string]any
	}{
		{"s3: ours are taken out", "s3",
			map[string]any{"bucket": "b", "encrypt": "true", "skip_bucket_root_access": true, "accesslogging_bucket_name": "l", "bucket_sse_algorithm": "AES256", "key": nil},
			map[string]any{"bucket": "b", "encrypt": true}},
		{"s3: old name", "s3", map[string]any{"lock_table": "t"}, map[string]any{"dynamodb_table": "t"}},
		{"s3: both names", "s3", map[string]any{"lock_table": "t", "dynamodb_table": "d"}, map[string]any{"dynamodb_table": "d"}},
		{"s3: only known booleans are converted", "s3", map[string]any{"bucket": "true", "encrypt": "yes", "use_lockfile": "false"}, map[string]any{"bucket": "true", "encrypt": "yes", "use_lockfile": false}},
		{"gcs", "gcs", map[string]any{"bucket": "b", "prefix": "p", "project": "x", "location": "eu", "skip_bucket_versioning": true}, map[string]any{"bucket": "b", "prefix": "p"}},
		{"azurerm", "azurerm", map[string]any{"key": "k", "use_msi": "true", "tags": map[string]any{"a": "b"}, "location": "eu"}, map[string]any{"key": "k", "use_msi": true}},
		{"local", "local", map[string]any{"path": "true", "none": nil}, map[string]any{"path": "true"}},
		{"another", "pg", map[string]any{"location": "x", "encrypt": "true"}, map[string]any{"location": "x", "encrypt": "true"}},
		{"nothing", "s3", nil, map[string]any{}},
	} {
		before := len(tt.config)
		got, err := For(tt.backend).InitArgs(Settings{Backend: tt.backend, Config: tt.config})
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %v %v, want %v", tt.name, got, err, tt.want)
		}
		if len(tt.config) != before {
			t.Errorf("%s: the settings were changed", tt.name)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	config := map[string]any{"lock_table": "t", "skip_bucket_accesslogging": true}
	got := strings.Join(Warnings(Settings{Backend: "s3", Config: config}), "\n")
	if !strings.Contains(got, "lock_table") || !strings.Contains(got, "skip_bucket_accesslogging") {
		t.Errorf("got %q", got)
	}
	for _, s := range []Settings{{Backend: "gcs", Config: config}, {Backend: "s3", Config: map[string]any{"dynamodb_table": "t"}}} {
		if got := Warnings(s); len(got) != 0 {
			t.Errorf("%v: got %q", s, got)
		}
	}
}

func TestInitFlags(t *testing.T) {
	t.Parallel()
	got, err := InitFlags(map[string]any{
		"path":  "x/y z",
		"text":  "${a}",
		"flag":  true,
		"num":   int64(3),
		"large": 1e21,
		"part":  0.25,
		"big":   big.NewFloat(12),
		"json":  json.Number("1e3"),
		"none":  nil,
		"list":  []any{"a", "b", nil},
		"map":   map[string]any{"b": 1, "a": "x", "c": nil, "d e": []any{}, "f": "${g}\"", "h": map[string]any{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"-backend-config=big=12",
		"-backend-config=flag=true",
		"-backend-config=json=1000",
		"-backend-config=large=1000000000000000000000",
		`-backend-config=list=["a","b",null]`,
		`-backend-config=map={a="x",b=1,"d e"=[],f="$${g}\"",h={}}`,
		"-backend-config=num=3",
		"-backend-config=part=0.25",
		"-backend-config=path=x/y z",
		"-backend-config=text=${a}",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, bad := range []any{math.NaN(), math.Inf(1), (*big.Float)(nil), json.Number("x"), struct{}{}} {
		if flags, err := InitFlags(map[string]any{"k": bad}); err == nil || !strings.Contains(err.Error(), "k: ") {
			t.Errorf("%v: got %q %v", bad, flags, err)
		}
	}
}

func TestStateThroughBinary(t *testing.T) {
	t.Parallel()
	for _, backend := range []string{"s3", "kubernetes", "cos"} {
		_, err := For(backend).State(context.Background(), Settings{Backend: backend})
		if !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), backend) {
			t.Errorf("%s: got %v", backend, err)
		}
	}
}
