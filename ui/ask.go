package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Ask shows a question on standard error, as it is, and gives the line that is
// typed, without spaces around it. It fails as Prompt does.
func (p *Prompter) Ask(ctx context.Context, question string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p.console.ask(question)
	answer, err := p.answer(ctx)
	p.console.answered(err == nil)
	if errors.Is(err, io.EOF) {
		return "", &NoAnswerError{Question: question}
	}
	if err != nil {
		return "", fmt.Errorf("read answer to %q: %w", question, err)
	}
	return answer, nil
}
