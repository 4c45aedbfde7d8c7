package ui

import (
	"bytes"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// safeBuffer is a buffer that a test may read while others write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// testConsole is a console over buffers. With terminal set, both streams claim to
// be terminals of 60 columns and 20 lines that take colour when color is set.
func testConsole(stdin string, terminal, color bool) (c *Console, out, err *safeBuffer) {
	out, err = &safeBuffer{}, &safeBuffer{}
	c = NewConsole(Options{Stdin: strings.NewReader(stdin), Stdout: out, Stderr: err})
	if terminal {
		for _, s := range []*stream{c.out, c.err} {
			s.terminal, s.ansi, s.style = true, true, Style(color)
			s.size = func() (int, int, error) { return 60, 20, nil }
		}
	}
	return c, out, err
}

// testTime is the moment all entries of golden tests carry.
func testTime() time.Time {
	return time.Date(2024, 3, 5, 15, 4, 5, 67_890_000, time.FixedZone("CET", 3600))
}

// logOne renders one entry and returns what reached the two streams.
func logOne(t *testing.T, o LogOptions, level slog.Level, msg string, attrs ...slog.Attr) (out, err string) {
	t.Helper()
	c, outBuf, errBuf := testConsole("", false, false)
	if o.Start.IsZero() {
		o.Start = testTime().Add(-3 * time.Second)
	}
	if o.WorkDir == "" {
		o.WorkDir = "/live"
	}
	r := slog.NewRecord(testTime(), level, msg, 0)
	if e := NewHandler(c, o).WithAttrs(attrs).Handle(t.Context(), r); e != nil {
		t.Fatal(e)
	}
	return outBuf.String(), errBuf.String()
}

func mustFormat(t *testing.T, f *Format, err error) *Format {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// screen plays what was written to a terminal and returns what is left to see.
// It knows the few sequences the live display uses and fails on any other.
func screen(t *testing.T, written string) string {
	t.Helper()
	lines, row, col := []string{""}, 0, 0
	for len(written) > 0 {
		if n := escapeLen(written); n > 0 {
			seq := written[2:n]
			written = written[n:]
			switch final := seq[len(seq)-1]; {
			case final == 'A':
				up, err := strconv.Atoi(seq[:len(seq)-1])
				if err != nil || up > row {
					t.Fatalf("cursor up %q from row %d", seq, row)
				}
				row -= up
			case seq == "J":
				lines = append(lines[:row], string([]rune(lines[row])[:col]))
			case seq == "K":
				lines[row] = string([]rune(lines[row])[:col])
			case final == 'm' || seq == "?7l" || seq == "?7h":
			default:
				t.Fatalf("unexpected sequence %q", seq)
			}
			continue
		}
		r := []rune(written)[0]
		written = written[len(string(r)):]
		switch r {
		case '\n':
			row, col = row+1, 0
			if row == len(lines) {
				lines = append(lines, "")
			}
		case '\r':
			col = 0
		default:
			line := []rune(pad(lines[row], col+1))
			line[col] = r
			lines[row], col = string(line), col+1
		}
	}
	return strings.Join(lines, "\n")
}
