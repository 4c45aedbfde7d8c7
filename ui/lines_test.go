package ui

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// countingWriter records each write by itself.
type countingWriter struct{ writes []string }

func (c *countingWriter) Write(p []byte) (int, error) {
	c.writes = append(c.writes, string(p))
	return len(p), nil
}

func TestChildWriters(t *testing.T) {
	t.Parallel()
	input := []string{"a", "b\nc\nd", "\n", "last"}
	tests := []struct {
		name string
		make func(io.Writer) io.WriteCloser
		want []string
	}{
		{"raw", Raw, input},
		{"lines", Lines, []string{"ab\nc\n", "d\n", "last\n"}},
		{"grouped", Grouped, []string{"ab\nc\nd\nlast"}},
	}
	for _, tt := range tests {
		var to countingWriter
		w := tt.make(&to)
		for _, s := range input {
			if n, err := io.WriteString(w, s); n != len(s) || err != nil {
				t.Fatal(n, err)
			}
		}
		for range 2 { // closing again writes nothing
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if fmt.Sprint(to.writes) != fmt.Sprint(tt.want) || len(to.writes) != len(tt.want) {
			t.Errorf("%s wrote %q, want %q", tt.name, to.writes, tt.want)
		}
	}
}

func TestLineWriterKeepsNoCallersBytes(t *testing.T) {
	t.Parallel()
	var to bytes.Buffer
	w := Lines(&to)
	p := []byte("one\ntw")
	w.Write(p)
	copy(p, "XXXXXX")
	w.Write([]byte("o\n"))
	equal(t, to.String(), "one\ntwo\n")
}

func TestLogLines(t *testing.T) {
	t.Parallel()
	c, outBuf, errBuf := testConsole("", false, false)
	f, err := ParseFormat("%level|%prefix(path=short-relative)|%msg")
	log := slog.New(NewHandler(c, LogOptions{Level: LevelDebug, WorkDir: "/w", Format: mustFormat(t, f, err)})).With(AttrUnit, "/w/a")
	w := LogLines(log, LevelStdout)
	io.WriteString(w, "first\n\n  \t\n\x1b[0m\n  second\r\n10%\r50%\r100%\npar")
	io.WriteString(w, "tial")
	w.Close()
	equal(t, outBuf.String(), "stdout|a|first\nstdout|a|  second\nstdout|a|100%\nstdout|a|partial\n")

	e := LogLines(log, LevelStderr)
	io.WriteString(e, "2024-01-02T15:04:05.678Z [DEBUG] provider: x\n"+
		"2024-01-02T15:04:05.678+0200 [INFO]  Terraform version: 1\n"+
		"2024-01-02T15:04:05+02:00 [WARN] careful\n"+
		"2024-01-02T15:04:05.678Z [TRACE] below the level\n"+
		"2024-01-02T15:04:05.678Z [stdout] no such level\n"+
		"2024-01-02T15:04:05.678Z no level\n"+
		"2024-13-02T15:04:05.678Z [INFO] no such month\n")
	e.Close()
	equal(t, errBuf.String(), `debug|a|TF_LOG: provider: x
info|a|TF_LOG: Terraform version: 1
warn|a|TF_LOG: careful
stderr|a|2024-01-02T15:04:05.678Z [stdout] no such level
stderr|a|2024-01-02T15:04:05.678Z no level
stderr|a|2024-13-02T15:04:05.678Z [INFO] no such month
`)
}

func TestForwardedLinesOfManyChildren(t *testing.T) {
	t.Parallel()
	c, outBuf, _ := testConsole("", false, false)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			w := Lines(c.Stdout())
			defer w.Close()
			for n := range 40 {
				for _, part := range []string{fmt.Sprint(i), ":", fmt.Sprint(n), "\n"} {
					io.WriteString(w, part)
				}
			}
		})
	}
	wg.Wait()
	next := map[int]int{}
	for line := range strings.Lines(outBuf.String()) {
		var i, n int
		if _, err := fmt.Sscanf(line, "%d:%d\n", &i, &n); err != nil || next[i] != n {
			t.Fatalf("line %q, want number %d", line, next[i])
		}
		next[i]++
	}
	if len(next) != 6 {
		t.Fatalf("children seen: %v", next)
	}
}
