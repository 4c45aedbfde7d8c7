package ui

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestPromptAnswers(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{
		"y\n": true, "YES\n": true, " yes \r\n": true, "Y": true,
		"n\n": false, "\n": false, "yep\n": false, "no": false,
	} {
		c, out, errBuf := testConsole(answer, false, false)
		got, err := NewPrompter(c, false, nil).Prompt(t.Context(), "Go on?")
		if err != nil || got != want {
			t.Errorf("%q: %v, %v", answer, got, err)
		}
		equal(t, errBuf.String(), "Go on? (y/n) \n")
		equal(t, out.String(), "")
	}
}

func TestPromptLeavesTheRestOfInput(t *testing.T) {
	t.Parallel()
	c, _, _ := testConsole("", false, false)
	in := strings.NewReader("yes\nfor the child\n")
	c.in = in
	p := NewPrompter(c, false, nil)
	if ok, err := p.Prompt(t.Context(), "?"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	rest, _ := io.ReadAll(in)
	equal(t, string(rest), "for the child\n")
}

func TestPromptAtEndOfInput(t *testing.T) {
	t.Parallel()
	c, _, _ := testConsole("", false, false)
	_, err := NewPrompter(c, false, nil).Prompt(t.Context(), "Go on?")
	var none *NoAnswerError
	if !errors.As(err, &none) || !strings.Contains(err.Error(), "--non-interactive") {
		t.Errorf("got %v", err)
	}
}

func TestPromptNonInteractive(t *testing.T) {
	t.Parallel()
	for level, shown := range map[slog.Level]bool{LevelInfo: false, LevelDebug: true} {
		c, _, errBuf := testConsole("n\n", false, false)
		log := slog.New(NewHandler(c, LogOptions{Level: level}))
		ok, err := NewPrompter(c, true, log).Prompt(t.Context(), "Go on?")
		if !ok || err != nil || strings.Contains(errBuf.String(), "Go on? (y/n)") != shown {
			t.Errorf("level %v: %v %v %q", level, ok, err, errBuf.String())
		}
	}
}

func TestPromptCancelled(t *testing.T) {
	t.Parallel()
	c, _, _ := testConsole("", false, false)
	r, w := io.Pipe()
	defer w.Close()
	c.in = r
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if ok, err := NewPrompter(c, false, nil).Prompt(ctx, "?"); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", ok, err)
	}
}

func TestPromptIsAskedAgainAfterOtherOutput(t *testing.T) {
	t.Parallel()
	c, _, errBuf := testConsole("", false, false)
	r, w := io.Pipe()
	c.in = r
	done := make(chan bool)
	go func() {
		ok, _ := NewPrompter(c, false, nil).Prompt(t.Context(), "Go on?")
		done <- ok
	}()
	for !strings.Contains(errBuf.String(), "(y/n)") {
		time.Sleep(time.Millisecond)
	}
	io.WriteString(c.Stderr(), "meanwhile\n")
	io.WriteString(w, "y\n")
	if !<-done {
		t.Error("want yes")
	}
	equal(t, errBuf.String(), "Go on? (y/n) \nmeanwhile\nGo on? (y/n) \n")
}
