package ui

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestPresets(t *testing.T) {
	t.Parallel()
	unit := []slog.Attr{
		slog.String(AttrUnit, "/live/net/vpc"),
		slog.String(AttrTFPath, "/usr/bin/terraform"),
		slog.Any(AttrTFArgs, []string{"plan", "-out=x y"}),
	}
	tests := []struct {
		name, format string
		level        slog.Level
		msg          string
		attrs        []slog.Attr
		out, err     string
	}{
		{"pretty child", FormatPretty, LevelStdout, "Changes to Outputs:", unit,
			"15:04:05.067 STDOUT [net/vpc] terraform: Changes to Outputs:\n", ""},
		{"pretty own", FormatPretty, LevelInfo, "reading /live/net/vpc/x.hcl in /live", nil,
			"", "15:04:05.067 INFO   reading ./net/vpc/x.hcl in .\n"},
		{"pretty child paths stay", FormatPretty, LevelStdout, "x = /live/net", unit[:1],
			"15:04:05.067 STDOUT [net/vpc] x = /live/net\n", ""},
		{"pretty stderr", FormatPretty, LevelStderr, "boom", unit,
			"", "15:04:05.067 STDERR [net/vpc] terraform: boom\n"},
		{"pretty working dir", FormatPretty, LevelWarn, "here", []slog.Attr{slog.String(AttrUnit, "/live")},
			"", "15:04:05.067 WARN   here\n"},
		{"pretty outside", FormatPretty, LevelDebug, "there", []slog.Attr{slog.String(AttrUnit, "/other/x")},
			"", "15:04:05.067 DEBUG  [../other/x] there\n"},
		{"pretty extra", FormatPretty, LevelTrace, "asked", []slog.Attr{slog.Int("n", 3), slog.Any("err", errors.New("a b")), slog.Group("g", slog.Bool("k", true))},
			"", "15:04:05.067 TRACE  asked n=3 err=\"a b\" g.k=true\n"},
		{"bare", FormatBare, LevelInfo, "hello", nil, "", "INFO[0003] hello\n"},
		{"bare unit", FormatBare, LevelError, "hello", unit, "", "ERRO[0003] hello\t prefix=[/live/net/vpc] \n"},
		{"key-value", FormatKeyValue, LevelStdout, "a=b c", unit,
			"time=2024-03-05T15:04:05+01:00 level=stdout prefix=net/vpc tf-path=terraform msg=\"a=b c\"\n", ""},
		{"key-value plain", FormatKeyValue, LevelInfo, "done", []slog.Attr{slog.String("k", "")},
			"", "time=2024-03-05T15:04:05+01:00 level=info msg=done k=\"\"\n"},
		{"json", FormatJSON, LevelStdout, "say \"hi\"\t\x1b[31mred\x1b[0m\x01", unit,
			`{"time":"2024-03-05T15:04:05+01:00", "level":"stdout", "working-dir":"/live/net/vpc", "tf-path":"terraform", "tf-command-args":["plan","-out=x y"], "msg":"say \"hi\"\tred\u0001"}` + "\n", ""},
		{"json own", FormatJSON, LevelInfo, "x", []slog.Attr{slog.Int("n", 3), slog.Duration("d", time.Second)},
			"", `{"time":"2024-03-05T15:04:05+01:00", "level":"info", "working-dir":"/live", "msg":"x", "n":3, "d":"1s"}` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, e := PresetFormat(tt.format)
			out, err := logOne(t, LogOptions{Level: LevelTrace, Format: mustFormat(t, f, e)}, tt.level, tt.msg, tt.attrs...)
			equal(t, out, tt.out)
			equal(t, err, tt.err)
			if tt.format == FormatJSON && !json.Valid([]byte(out+err)) {
				t.Errorf("not JSON: %s", out+err)
			}
		})
	}
}

func TestAbsPaths(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"/live", "/live/a"} {
		_, err := logOne(t, LogOptions{AbsPaths: true}, LevelInfo, "in /live/b", slog.String(AttrUnit, unit))
		equal(t, err, "15:04:05.067 INFO   ["+unit+"] in /live/b\n")
	}
}

func TestLevelsFilter(t *testing.T) {
	t.Parallel()
	for i, least := range LevelNames() {
		level, err := ParseLevel(strings.ToUpper(least))
		if err != nil {
			t.Fatal(err)
		}
		c, outBuf, errBuf := testConsole("", false, false)
		h := NewHandler(c, LogOptions{Level: level})
		for _, name := range LevelNames() {
			l, _ := ParseLevel(name)
			slog.New(h).Log(t.Context(), l, "text")
		}
		lines := strings.Count(outBuf.String()+errBuf.String(), "\n")
		if lines != i+1 {
			t.Errorf("level %s shows %d entries, want %d", least, lines, i+1)
		}
		if got := strings.Contains(outBuf.String(), "STDOUT"); got != (i > 0) {
			t.Errorf("level %s: stdout entry on stdout is %v", least, got)
		}
	}
	_, err := ParseLevel("loud")
	equal(t, err.Error(), `invalid level "loud", supported levels: stderr, stdout, error, warn, info, debug, trace`)
}

func TestPresetFormatError(t *testing.T) {
	t.Parallel()
	_, err := PresetFormat("nonsense")
	equal(t, err.Error(), `invalid log format "nonsense", supported formats: pretty, bare, key-value, json`)
}

func TestColoursFollowTheStream(t *testing.T) {
	t.Parallel()
	c, outBuf, errBuf := testConsole("", true, true)
	c.out.style = false
	log := slog.New(NewHandler(c, LogOptions{WorkDir: "/live"}))
	a, b := log.With(AttrUnit, "/live/a"), log.With(AttrUnit, "/live/b")
	a.Info("x")
	b.Info("x")
	a.Info("x")
	a.Log(t.Context(), LevelStdout, "\x1b[1mbold\x1b[0m")
	a.Log(t.Context(), LevelStderr, "\x1b[1mopen")
	lines := strings.Split(errBuf.String(), "\n")
	hue := func(line string) string { _, h, _ := strings.Cut(line, "38;5;"); return h[:strings.Index(h, "m")] }
	if hue(lines[0]) != hue(lines[2]) || hue(lines[0]) == hue(lines[1]) {
		t.Errorf("prefix colours: %q", lines[:3])
	}
	if !strings.Contains(lines[0], "\x1b[32mINFO  \x1b[0m") {
		t.Errorf("level colour: %q", lines[0])
	}
	if !strings.HasSuffix(lines[3], "open\x1b[0m") {
		t.Errorf("a child's colour is left open: %q", lines[3])
	}
	if strings.Contains(outBuf.String(), "\x1b") || !strings.Contains(outBuf.String(), "bold") {
		t.Errorf("colour on a stream without: %q", outBuf.String())
	}
}

func TestWithDoesNotLeakBetweenHandlers(t *testing.T) {
	t.Parallel()
	c, _, errBuf := testConsole("", false, false)
	f, _ := ParseFormat("%prefix(path=short-relative) %msg")
	base := slog.New(NewHandler(c, LogOptions{WorkDir: "/w", Format: f})).With("k", 1)
	one, two := base.With("one", 1), base.With("two", 2).WithGroup("g")
	one.Info("m", AttrUnit, "/w/a")
	two.Info("m", "x", "y", AttrUnit, "/w/b")
	base.Info("m")
	equal(t, errBuf.String(), "a m k=1 one=1\n m k=1 two=2 g.x=y g.unit=/w/b\n m k=1\n")
}

func TestShortenPaths(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/w/a/b":            "./a/b",
		"at /w.":            "at /w.",
		"at /w, /w:3":       "at ., .:3",
		"/www/a /w-x /x/w":  "/www/a /w-x /x/w",
		"\"/w/a\" and '/w'": "\"./a\" and '.'",
		"file:///w/a":       "file:///w/a",
		"none":              "none",
	} {
		equal(t, shortenPaths(in, "/w"), want)
	}
	equal(t, shortenPaths("/a/b", "/"), "/a/b")
}

func TestLinesNeverMix(t *testing.T) {
	t.Parallel()
	c, _, errBuf := testConsole("", false, false)
	log := slog.New(NewHandler(c, LogOptions{}))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				log.Info("one whole line")
			}
		})
	}
	wg.Wait()
	lines := strings.Split(strings.TrimSuffix(errBuf.String(), "\n"), "\n")
	if len(lines) != 400 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, l := range lines {
		if !strings.HasSuffix(l, "INFO   one whole line") {
			t.Fatalf("mixed line %q", l)
		}
	}
}

func BenchmarkPretty(b *testing.B) {
	c := NewConsole(Options{})
	h := NewHandler(c, LogOptions{WorkDir: "/w"}).WithAttrs([]slog.Attr{slog.String(AttrUnit, "/w/a"), slog.String(AttrTFPath, "terraform")})
	b.ReportAllocs()
	for b.Loop() {
		h.Handle(b.Context(), slog.NewRecord(time.Now(), LevelStdout, "a line of output", 0))
	}
}
