package config

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"
)

func TestLongChainsOfLocals(t *testing.T) {
	t.Parallel()
	chain := func(n int) string {
		var b strings.Builder
		b.WriteString("locals {\n")
		for i := range n {
			fmt.Fprintf(&b, "  l%d = local.l%d\n", i, i+1)
		}
		fmt.Fprintf(&b, "  l%d = 1\n}\n", n)
		return b.String()
	}
	if _, err := loadOne(t, map[string]string{"a/terragrunt.hcl": chain(maxCells - 10)}, "a", Options{}); err != nil {
		t.Errorf("%v", err)
	}
	_, err := loadOne(t, map[string]string{"a/terragrunt.hcl": chain(maxCells + 10)}, "a", Options{})
	if err == nil || !strings.Contains(err.Error(), "nested too deeply") {
		t.Errorf("err = %v", err)
	}
}

func TestLongChainsOfFiles(t *testing.T) {
	t.Parallel()
	chain := func(n int, part string) map[string]string {
		files := map[string]string{"a/terragrunt.hcl": "inputs = { n = read_terragrunt_config(\"../f0.hcl\").locals.n }\n"}
		for i := range n {
			files[fmt.Sprintf("f%d.hcl", i)] = fmt.Sprintf("locals {\n  n = read_terragrunt_config(\"f%d.hcl\")%s\n}\n", i+1, part)
		}
		files[fmt.Sprintf("f%d.hcl", n)] = "locals {\n  n = 1\n}\n"
		return files
	}
	c, err := loadOne(t, chain(200, ".locals.n"), "a", Options{})
	if err != nil || inputsJSON(t, c) != `{"n":1}` {
		t.Errorf("%v", err)
	}
	_, err = loadOne(t, chain(1100, ""), "a", Options{})
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "maximum parse depth of 1000 exceeded") {
		t.Fatalf("err = %v", err)
	}
	if len(e.Diagnostics) != 1 || len(e.Diagnostics[0].Trace) != longestTrace+1 {
		t.Errorf("%d diagnostics, trace of %d steps", len(e.Diagnostics), len(e.Diagnostics[0].Trace))
	}
}

// TestFilesThatReadEachOthersLocals is about the way into other files that
// evaluates nothing, which must come to an end too.
func TestFilesThatReadEachOthersLocals(t *testing.T) {
	t.Parallel()
	_, err := loadOne(t, map[string]string{
		"a/terragrunt.hcl": "locals {\n  x = read_terragrunt_config(\"../b.hcl\").locals.x\n}\ninputs = { x = local.x }\n",
		"b.hcl":            "locals {\n  x = read_terragrunt_config(\"a/terragrunt.hcl\").locals.x\n}\n",
	}, "a", Options{})
	if err == nil || !strings.Contains(err.Error(), "local.x -> ") {
		t.Errorf("err = %v, want a named cycle", err)
	}
	_, err = loadOne(t, map[string]string{
		"a/terragrunt.hcl": "locals {\n  x = read_terragrunt_config(\"terragrunt.hcl\").locals.x\n}\ninputs = { x = local.x }\n",
	}, "a", Options{})
	if err == nil || !strings.Contains(err.Error(), "local.x -> ") {
		t.Errorf("err = %v, want a named cycle", err)
	}
}

// TestDeepNesting is about text that a parser without a bound would end the
// process with: stack overflow cannot be recovered from.
func TestDeepNesting(t *testing.T) {
	t.Parallel()
	const n = 20000
	for name, text := range map[string]string{
		"parentheses":  "inputs = { a = " + strings.Repeat("(", n) + "1" + strings.Repeat(")", n) + " }",
		"open":         "inputs = { a = " + strings.Repeat("[", n),
		"blocks":       strings.Repeat("a {\n", n) + strings.Repeat("}\n", n),
		"not":          "prevent_destroy = " + strings.Repeat("!", n) + "true",
		"minus":        "iam_assume_role_duration = " + strings.Repeat("-", n) + "1",
		"sums":         "inputs = { a = 1" + strings.Repeat("+1", n) + " }",
		"sum on lines": "inputs = { a = (1" + strings.Repeat("+\n1", n) + ") }",
		"conditions":   "inputs = { a = " + strings.Repeat("true ? 1 : ", n) + "1 }",
		"indexes":      "locals {\n i = 0\n a = local.b" + strings.Repeat("[local.i]", n) + "\n}",
		"splats":       "locals {\n b = []\n a = local.b" + strings.Repeat("[*]", n) + "\n}",
		"dot splats":   "locals {\n b = []\n a = local.b" + strings.Repeat(".*", n) + "\n}",
		"templates":    "inputs = { a = " + strings.Repeat(`"${`, n) + "1" + strings.Repeat(`}"`, n) + " }",
		"directives":   `inputs = { a = "` + strings.Repeat("%{if true}", n) + strings.Repeat("%{endif}", n) + `" }`,
		"fors":         "inputs = { a = " + strings.Repeat("[for x in ", n) + "[]" + strings.Repeat(": x]", n) + " }",
		"calls":        "inputs = { a = " + strings.Repeat("abs(", n) + "1" + strings.Repeat(")", n) + " }",
		"objects":      "inputs = " + strings.Repeat("{a=", n) + "1" + strings.Repeat("}", n),
	} {
		_, err := loadOne(t, map[string]string{"a/terragrunt.hcl": text}, "a", Options{})
		if err == nil || !strings.Contains(err.Error(), "Nested too deeply") {
			t.Errorf("%s: err = %.200v", name, err)
		}
	}
	_, err := loadOne(t, map[string]string{"a/terragrunt.hcl.json": `{"inputs": ` + strings.Repeat("[", n)}, "a", Options{})
	if err == nil || !strings.Contains(err.Error(), "exceeded max depth") {
		t.Errorf("json: err = %.200v", err)
	}
	_, err = loadOne(t, map[string]string{"a/terragrunt.hcl": `inputs = { a = jsondecode(file("deep.json")) }`, "a/deep.json": strings.Repeat("[", n)}, "a", Options{})
	if err == nil || !strings.Contains(err.Error(), "exceeded max depth") {
		t.Errorf("jsondecode: err = %.200v", err)
	}
	_, err = loadOne(t, map[string]string{"a/terragrunt.hcl": `inputs = { a = templatefile("deep.tpl", {}) }`, "a/deep.tpl": strings.Repeat(`${"`, n)}, "a", Options{})
	if err == nil || !strings.Contains(err.Error(), "Nested too deeply") {
		t.Errorf("templatefile: err = %.200v", err)
	}
}

// TestHugeNumbers is about numbers that would take gigabytes to write out.
func TestHugeNumbers(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"app/terragrunt.hcl":          "inputs = { a = -1e999999999 }\n",
		"app/terragrunt.hcl.json":     `{"inputs": {"a": [1, 2.5E-99999]}}`,
		"app/../app/./terragrunt.hcl": "inputs = { a = jsondecode(\"[1e99999]\") }\n",
	} {
		_, err := loadOne(t, map[string]string{name: text}, "app", Options{})
		if err == nil || !strings.Contains(err.Error(), "exponent") {
			t.Errorf("%s: err = %v", text, err)
		}
	}
	c, err := loadOne(t, map[string]string{"app/terragrunt.hcl": "inputs = { a = 1e3, b = \"1e99999\" } # 1e99999\n"}, "app", Options{})
	if err != nil || inputsJSON(t, c) != `{"a":1000,"b":"1e99999"}` {
		t.Errorf("%v", err)
	}
}

func TestWideFilesAreNotDeep(t *testing.T) {
	t.Parallel()
	const n = 3000
	var b strings.Builder
	b.WriteString("inputs = {\n")
	for i := range n {
		fmt.Fprintf(&b, "  k%d = [%d, -1, (1 + %d), { a = !true, b = \"${1}x${2}\" }]\n", i, i, i)
	}
	b.WriteString("  text = <<EOT\n")
	for range n {
		b.WriteString("%{ if true }a%{ else }b%{ endif }${ 1 + 1 }\n")
	}
	b.WriteString("EOT\n}\n")
	if diags := tooDeep([]byte(b.String()), "x.hcl"); diags.HasErrors() {
		t.Error(diags)
	}
}

// blockingHost stops in the first command until it is cancelled.
type blockingHost struct {
	fakeHost
	started chan struct{}
	calls   int
}

func (h *blockingHost) Exec(ctx context.Context, c Exec) ([]byte, error) {
	h.calls++
	if h.calls > 1 {
		return []byte("value\n"), nil
	}
	close(h.started)
	<-ctx.Done()
	return nil, errors.New("signal: killed")
}

func TestWhatWasCancelledIsNeverKept(t *testing.T) {
	t.Parallel()
	for name, expr := range map[string]string{
		"plain": `run_cmd("slow")`,
		"try":   `try(run_cmd("slow"), "fallback")`, // would make a value out of the cancellation
	} {
		root := tree(t, map[string]string{"a/terragrunt.hcl": "locals {\n  v = " + expr + "\n}\ninputs = { v = local.v }\n"})
		h := &blockingHost{fakeHost: fakeHost{root: root}, started: make(chan struct{})}
		l := NewLoader(h, Options{})
		u, err := l.Unit(t.Context(), filepath.Join(root, "a"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-h.started; cancel() }()
		if _, err := u.Config(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: err = %v", name, err)
		}
		c, err := u.Config(t.Context())
		if err != nil || !c.Inputs["v"].RawEquals(cty.StringVal("value")) {
			t.Errorf("%s: then %v, %v", name, c, err)
		}
	}
}

func TestWaitingEndsWithTheOneWhoWaits(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"a/terragrunt.hcl": "locals {\n  v = run_cmd(\"slow\")\n}\n"})
	h := &blockingHost{fakeHost: fakeHost{root: root}, started: make(chan struct{})}
	l := NewLoader(h, Options{})
	u, err := l.Unit(t.Context(), filepath.Join(root, "a"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _, _ = u.Config(ctx) }()
	<-h.started
	short, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	if _, err := u.Config(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v", err)
	}
	cancel()
	<-ended
}
