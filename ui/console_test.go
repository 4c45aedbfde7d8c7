package ui

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

func TestPlainStreams(t *testing.T) {
	t.Parallel()
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := NewConsole(Options{Stdin: f, Stdout: f})
	if c.StdoutTerminal() || c.StderrTerminal() || c.StdinTerminal() || bool(c.StdoutStyle()) || bool(c.StderrStyle()) || c.Width() != 80 {
		t.Errorf("a file is no terminal: %+v", c)
	}
	if _, err := io.WriteString(c.Stdout(), "x\n"); err != nil {
		t.Fatal(err)
	}
	io.WriteString(c.Stderr(), "discarded\n")
	got, _ := os.ReadFile(f.Name())
	equal(t, string(got), "x\n")
	if _, ok := c.LiveProgress(3).(noProgress); !ok {
		t.Error("live progress without a terminal")
	}
}

// newLive is a live display whose clock stands still and that is drawn by hand.
func newLive(c *Console, total int) *liveProgress {
	now := testTime()
	p := &liveProgress{console: c, total: total, start: now, now: func() time.Time { return now }, stop: make(chan struct{}), stopped: make(chan struct{})}
	close(p.stopped)
	c.region = p
	return p
}

func TestLiveProgress(t *testing.T) {
	t.Parallel()
	c, _, tty := testConsole("", true, true)
	c.out.w = tty // one terminal shows both streams
	p := newLive(c, 3)
	p.redraw()
	equal(t, screen(t, tty.String()), "")

	p.UnitStep("net/vpc", "init")
	p.UnitStep("a", "plan")
	later := testTime().Add(65 * time.Second)
	p.now = func() time.Time { return later }
	p.redraw()
	equal(t, screen(t, tty.String()), `  net/vpc  init  1m05s
  a        plan  1m05s
2 running, 0 of 3 done  1m05s
`)
	slog.New(NewHandler(c, LogOptions{})).Info("a line", "n", 1)
	io.WriteString(c.Stdout(), "to stdout\n")
	p.UnitStep("net/vpc", "apply")
	p.UnitDone("a", "failed")
	p.redraw()
	got := screen(t, tty.String())
	_, got, _ = strings.Cut(got, " ")
	equal(t, got, `INFO   a line n=1
to stdout
  net/vpc  apply  1m05s
1 running, 1 of 3 done (1 failed)  1m05s
`)
	io.WriteString(c.Stdout(), "half a line")
	p.redraw() // must not break into it
	io.WriteString(c.Stdout(), ", whole\n")
	p.UnitDone("net/vpc", "succeeded")
	p.Close()
	p.Close()
	got = screen(t, tty.String())
	_, got, _ = strings.Cut(got, "\n")
	equal(t, got, "to stdout\nhalf a line, whole\n")
}

func TestLiveProgressFitsTheScreen(t *testing.T) {
	t.Parallel()
	c, _, tty := testConsole("", true, false)
	p := newLive(c, 100)
	for i := range 30 {
		p.UnitStep(strings.Repeat("x", 100)+string(rune('a'+i)), "plan")
	}
	p.redraw()
	lines := strings.Split(strings.TrimSpace(screen(t, tty.String())), "\n")
	if len(lines) != 10 || !strings.Contains(lines[8], "… and 22 more") {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
	for _, l := range lines {
		if visibleWidth(l) > 60 {
			t.Errorf("line of %d characters", visibleWidth(l))
		}
	}
}

func TestLiveProgressHidesBehindPrompt(t *testing.T) {
	t.Parallel()
	c, _, tty := testConsole("", true, false)
	p := newLive(c, 1)
	p.UnitStep("a", "bootstrap")
	p.redraw()
	c.ask("Create it? (y/n) ")
	p.redraw()
	equal(t, screen(t, tty.String()), "Create it? (y/n) ")
	c.answered(false)
	equal(t, screen(t, tty.String()), "Create it? (y/n) \n  a  bootstrap  0s\n1 running, 0 of 1 done  0s\n")
}

func TestLiveProgressTicks(t *testing.T) {
	t.Parallel()
	c, _, tty := testConsole("", true, false)
	p := c.LiveProgress(1)
	p.UnitStep("a", "plan")
	for deadline := time.Now().Add(3 * time.Second); !strings.Contains(tty.String(), "1 running"); {
		if time.Now().After(deadline) {
			t.Fatal("nothing drawn")
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.Close()
	equal(t, screen(t, tty.String()), "")
}

func TestLineProgress(t *testing.T) {
	t.Parallel()
	c, _, errBuf := testConsole("", false, false)
	f, _ := ParseFormat("%level %msg")
	p := LineProgress(slog.New(NewHandler(c, LogOptions{Level: LevelDebug, Format: f})))
	p.UnitStep("a", "init")
	p.UnitDone("a", "succeeded")
	p.Close()
	equal(t, errBuf.String(), "debug a: init\ndebug a: succeeded\n")
}

func TestVisible(t *testing.T) {
	t.Parallel()
	link := "\x1b]8;;http://x\x1b\\té\x1b]8;;\a\x1b[1;31mx\x1b[0m\x1b7"
	equal(t, stripANSI(link), "téx")
	if visibleWidth(link) != 3 || visibleWidth("e\u0301") != 1 {
		t.Error(visibleWidth(link), visibleWidth("e\u0301"))
	}
	equal(t, cutVisible("\x1b[1mabcdef\x1b[0m", 3), "\x1b[1mabc\x1b[0m")
	equal(t, cutVisible("äöüß", 2), "äö")
	equal(t, stripANSI("end\x1b[1"), "end")
}
