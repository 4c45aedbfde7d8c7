package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// NoAnswerError says that a question met the end of standard input.
type NoAnswerError struct {
	Question string
}

func (e *NoAnswerError) Error() string {
	return fmt.Sprintf("no answer to %q: standard input has ended; use --non-interactive to answer every prompt with yes", e.Question)
}

// Prompter asks the user yes-or-no questions, one at a time.
type Prompter struct {
	console   *Console
	assumeYes bool
	log       *slog.Logger
	mu        sync.Mutex // held while a question waits, so questions queue up
}

// NewPrompter returns a prompter. When nonInteractive, every answer is yes and the
// question is logged at debug level. A nil log discards.
func NewPrompter(c *Console, nonInteractive bool, log *slog.Logger) *Prompter {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Prompter{console: c, assumeYes: nonInteractive, log: log}
}

// Prompt shows the question on standard error and reads one line as the answer:
// y or yes in any case is yes, anything else is no. It fails with a NoAnswerError
// at the end of input, and with the context's error when that ends first; the
// line is then still being read and no later prompt should be opened.
func (p *Prompter) Prompt(ctx context.Context, question string) (bool, error) {
	text := question + " (y/n) "
	if p.assumeYes {
		p.log.Debug(text + "yes, as the run is non-interactive")
		return true, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	p.console.ask(text)
	answer, err := p.answer(ctx)
	p.console.answered(err == nil)
	if errors.Is(err, io.EOF) {
		return false, &NoAnswerError{Question: question}
	}
	if err != nil {
		return false, fmt.Errorf("read answer to %q: %w", question, err)
	}
	return strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes"), nil
}

// answer waits for a line or for the end of the context.
func (p *Prompter) answer(ctx context.Context) (string, error) {
	type result struct {
		line string
		err  error
	}
	got := make(chan result, 1)
	go func() {
		line, err := readLine(p.console.in)
		got <- result{line, err}
	}()
	select {
	case r := <-got:
		return r.line, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// readLine reads one line byte by byte, so that what follows it stays available
// for a child process. A last line needs no end.
func readLine(r io.Reader) (string, error) {
	var line []byte
	var b [1]byte
	for {
		n, err := r.Read(b[:])
		if n > 0 {
			if b[0] == '\n' {
				return strings.TrimSpace(string(line)), nil
			}
			line = append(line, b[0])
		}
		switch {
		case errors.Is(err, io.EOF) && len(line) > 0:
			return strings.TrimSpace(string(line)), nil
		case err != nil:
			return "", err
		}
	}
}
