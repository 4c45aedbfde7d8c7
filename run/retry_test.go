package run

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terrace-iac/terrace/shell"
)

// saying lets plan fail with a text, the first so many times.
func saying(times int, stderr, stdout string) func(shell.Cmd) answer {
	n := 0
	return func(c shell.Cmd) answer {
		if c.Path != "tofu" || c.Args[0] != "plan" {
			return answer{}
		}
		if n++; n > times {
			return answer{}
		}
		return answer{code: 1, stderr: stderr, stdout: stdout}
	}
}

func count(lines []string, line string) int {
	n := 0
	for _, l := range lines {
		if l == line {
			n++
		}
	}
	return n
}

func retryBlock(name string, max int, patterns ...string) string {
	list, _ := json.Marshal(patterns)
	b, _ := json.Marshal(max)
	return "retry \"" + name + "\" {\n retryable_errors = " + string(list) + "\n max_attempts = " + string(b) + "\n sleep_interval_sec = 2\n}\n"
}

func ignoreBlock(name string, patterns ...string) string {
	list, _ := json.Marshal(patterns)
	return "ignore \"" + name + "\" {\n ignorable_errors = " + string(list) + "\n message = \"safe\"\n}\n"
}

func TestErrorRules(t *testing.T) {
	t.Parallel()
	const transient = "provider: TLS handshake timeout"
	for name, c := range map[string]struct {
		rules    string
		times    int // how often the plan fails
		stderr   string
		attempts int
		retried  string
		ignored  string
		err      string // "" for success
	}{
		"default rule":                    {"", 1, transient, 2, "default", "", ""},
		"default rule, three attempts":    {"", 9, transient, 3, "default", "", "max retry attempts (3) reached for error:"},
		"default rule, another error":     {"", 9, "no luck", 1, "", "", "exit status 1"},
		"ssh_exchange_identification":     {"", 1, "ssh_exchange_identification: Connection closed by remote host", 2, "default", "", ""},
		"an empty block leaves the rule":  {"errors {}", 1, transient, 2, "default", "", ""},
		"own rules replace the default":   {"errors {\n" + retryBlock("own", 3, "luck") + "}", 9, transient, 1, "", "", "exit status 1"},
		"so does an ignore rule alone":    {"errors {\n" + ignoreBlock("own", "luck") + "}", 9, transient, 1, "", "", "exit status 1"},
		"exact number of attempts":        {"errors {\n" + retryBlock("own", 2, "luck") + "}", 9, "no luck", 2, "own", "", "max retry attempts (2)"},
		"one attempt is no retry":         {"errors {\n" + retryBlock("own", 1, "luck") + "}", 9, "no luck", 1, "", "", "max retry attempts (1)"},
		"the first rule written decides":  {"errors {\n" + retryBlock("z", 4, "luck") + retryBlock("a", 2, "luck") + "}", 9, "no luck", 4, "z", "", "max retry attempts (4)"},
		"ignore goes before retry":        {"errors {\n" + retryBlock("r", 4, "luck") + ignoreBlock("i", "luck") + "}", 9, "no luck", 1, "", "i", ""},
		"the first ignore rule decides":   {"errors {\n" + ignoreBlock("z", "luck") + ignoreBlock("a", "luck") + "}", 9, "no luck", 1, "", "z", ""},
		"an exclusion first":              {"errors {\n" + ignoreBlock("i", "!.*fatal.*", "luck") + "}", 9, "fatal: no luck", 1, "", "", "exit status 1"},
		"an exclusion that does not meet": {"errors {\n" + ignoreBlock("i", "!.*fatal.*", "luck") + "}", 9, "no luck", 1, "", "i", ""},
		"an exclusion too late":           {"errors {\n" + ignoreBlock("i", "luck", "!.*fatal.*") + "}", 9, "fatal: no luck", 1, "", "i", ""},
		"underscores, brackets, commas":   {"errors {\n" + ignoreBlock("i", `a_b\[0\], c`) + "}", 9, "x a_b[0], c y", 1, "", "i", ""},
		"text as it was cleaned before":   {"errors {\n" + ignoreBlock("i", "resource a b c d") + "}", 9, "resource \x1b[31ma_b\n| c,  d\x1b[0m", 1, "", "i", ""},
		"colours within a word":           {"errors {\n" + ignoreBlock("i", "already exists") + "}", 9, "\x1b[1malready\x1b[0m exists", 1, "", "i", ""},
		"several lines":                   {"errors {\n" + ignoreBlock("i", "(?s)first.*last") + "}", 9, "first\nmiddle\nlast", 1, "", "i", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": c.rules})
			b.rec.script = saying(c.times, c.stderr, "")
			o, err := b.run("unit", "plan")
			if got := count(b.rec.lines(), "tofu plan"); got != c.attempts || o.Attempts != c.attempts {
				t.Errorf("%d attempts, %d counted, want %d", got, o.Attempts, c.attempts)
			}
			if o.Retried != c.retried || o.Ignored != c.ignored {
				t.Errorf("retried %q, ignored %q; want %q and %q", o.Retried, o.Ignored, c.retried, c.ignored)
			}
			if len(b.naps) != max(c.attempts-1, 0) {
				t.Errorf("slept %v", b.naps)
			}
			if c.err == "" {
				if err != nil || o.ExitCode != 0 {
					t.Errorf("got %v, %d", err, o.ExitCode)
				}
				return
			}
			wantError(t, err, c.err)
			var exit *shell.ExitError
			if !errors.As(err, &exit) || o.ExitCode != 1 {
				t.Errorf("got %#v, %d", err, o.ExitCode)
			}
		})
	}
}

// TestRulesLookAtErrorsOnly: a plan may quote anything.
func TestRulesLookAtErrorsOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": "errors {\n" + ignoreBlock("i", "already exists") + "}"})
	b.rec.script = saying(9, "no luck", "+ text = \"already exists\"")
	if o, err := b.run("unit", "plan"); err == nil || o.Ignored != "" {
		t.Errorf("an error was ignored because of the plan's text: %+v", o)
	}
	b.rec.script = saying(9, "", `{"@level":"error","@message":"Error: it already exists"}`)
	if o, err := b.run("unit", "plan", "-json"); err != nil || o.Ignored != "i" {
		t.Errorf("with -json errors are on standard output: %+v, %v", o, err)
	}
}

func TestRetrySleepsAndRepeatsInit(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": "errors {\n" + retryBlock("own", 3, "luck") + "}\n" +
		hooksWithExtra})
	b.rec.script = saying(2, "no luck", "")
	b.must("unit", "plan", "-out=x")
	wantLines(t, b.rec.lines(), "tofu init", "before", "tofu plan -lock=false -out=x", "before", "tofu plan -lock=false -out=x", "before", "tofu plan -lock=false -out=x")
	if !slices.Equal(b.naps, []time.Duration{2 * time.Second, 2 * time.Second}) {
		t.Errorf("slept %v", b.naps)
	}
}

// hooksWithExtra has extra arguments, which are inserted once however often
// the command is tried.
const hooksWithExtra = `terraform {
	before_hook "b" {
		commands = ["plan"]
		execute  = ["before"]
	}
	extra_arguments "a" {
		commands  = ["plan"]
		arguments = ["-lock=false"]
	}
}`

func TestNoAutoRetry(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": "errors {\n" + retryBlock("r", 3, "luck") + ignoreBlock("i", "safe") + "}"})
	b.opts.NoAutoRetry = true
	b.rec.script = saying(1, "no luck", "")
	if o, err := b.run("unit", "plan"); err == nil || o.Attempts != 1 {
		t.Errorf("got %+v, %v", o, err)
	}
	b.rec.script = saying(1, "safe", "")
	if o, err := b.run("unit", "plan"); err != nil || o.Ignored != "i" {
		t.Errorf("got %+v, %v", o, err)
	}
}

// TestInterruptEndsRetries, with the error that there was.
func TestInterruptEndsRetries(t *testing.T) {
	t.Parallel()
	for name, where := range map[string]string{"while the binary runs": "plan", "while waiting": "sleep"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": "errors {\n" + retryBlock("r", 5, "luck") + "}"})
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			say := saying(9, "no luck", "")
			b.rec.script = func(c shell.Cmd) answer {
				a := say(c)
				if a.code != 0 && where == "plan" {
					a.do = cancel
				}
				return a
			}
			b.opts.Sleep = func(ctx context.Context, _ time.Duration) error {
				cancel()
				return ctx.Err()
			}
			r := b.start()
			o, err := r.Run(ctx, b.unit(b.loader("plan"), "unit"), Command{Name: "plan", Args: shell.Argv{"plan"}}, Streams{})
			var exit *shell.ExitError
			if !errors.As(err, &exit) || o.Attempts != 1 {
				t.Errorf("got %v after %d attempts", err, o.Attempts)
			}
		})
	}
}

func TestIgnoreSignals(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": `errors {
		ignore "known" {
			ignorable_errors = ["luck"]
			message          = "it is known"
			signals          = { rerun = true, hint = false }
		}
	}`})
	b.rec.script = saying(1, "no luck", "")
	b.must("unit", "plan")
	if got := b.read("unit/error-signals.json"); got != "{\n  \"hint\": false,\n  \"rerun\": true\n}" {
		t.Errorf("signals: %s", got)
	}
	if !strings.Contains(b.log.String(), "Ignoring error, reason: it is known") {
		t.Errorf("log: %s", &b.log)
	}
}

func TestIgnoreWithoutSignals(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": "errors {\n" + ignoreBlock("i", "luck") + "}"})
	b.rec.script = saying(1, "no luck", "")
	b.must("unit", "plan")
	if _, err := os.Stat(b.path("unit/error-signals.json")); !os.IsNotExist(err) {
		t.Errorf("a file of signals: %v", err)
	}
}

// TestIgnoredFetch: without a module there is nothing to run on.
func TestIgnoredFetch(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/terragrunt.hcl": "terraform {\n source = \"../nowhere\"\n}\nerrors {\n" + ignoreBlock("i", "no such file") + "}"})
	o := b.must("unit", "plan")
	if o.Ignored != "i" || len(b.rec.lines()) != 0 {
		t.Errorf("got %+v, ran %q", o, b.rec.lines())
	}
}

// TestReadHookIsRetried: its failures are a unit's like any other.
func TestReadHookIsRetried(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": "errors {\n" + retryBlock("r", 2, "luck") + "}\n" +
		hooksOf([3]string{"after_hook", "login", `commands = ["terragrunt-read-config"]`})})
	n := 0
	b.rec.script = func(c shell.Cmd) answer {
		if c.Path != "login" {
			return answer{}
		}
		if n++; n > 1 {
			return answer{}
		}
		return answer{code: 1, stderr: "no luck"}
	}
	b.must("unit", "plan")
	wantLines(t, b.rec.lines(), "login", "login", "tofu init", "tofu plan")
}
