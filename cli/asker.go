package cli

import (
	"context"
	"strings"

	"github.com/terrace-iac/terrace/catalog/boilerplate"
	"github.com/terrace-iac/terrace/ui"
)

// asker puts the questions of templates to the person at the terminal.
type asker struct{ console *ui.Console }

func (a *asker) Ask(ctx context.Context, q boilerplate.Question) (string, error) {
	v := q.Variable
	var b strings.Builder
	b.WriteString("\n" + v.Name + "\n")
	if v.Description != "" {
		b.WriteString("  " + strings.ReplaceAll(strings.TrimSpace(v.Description), "\n", "\n  ") + "\n")
	}
	if len(v.Options) > 0 {
		b.WriteString("  One of: " + strings.Join(v.Options, ", ") + "\n")
	}
	if q.Problem != "" {
		b.WriteString("  " + q.Problem + "\n")
	}
	typ := v.Type
	if typ == "" {
		typ = "string"
	}
	b.WriteString("  Value [" + typ)
	if q.Optional {
		b.WriteString(", default " + q.Default)
	}
	b.WriteString("]: ")
	return ui.NewPrompter(a.console, false, nil).Ask(ctx, b.String())
}

func (a *asker) Confirm(ctx context.Context, what string) (boilerplate.Answer, error) {
	answer, err := ui.NewPrompter(a.console, false, nil).Ask(ctx, what+" (y/a/n; a is yes to all) ")
	if err != nil {
		return boilerplate.No, err
	}
	switch strings.ToLower(answer) {
	case "y", "yes":
		return boilerplate.Yes, nil
	case "a", "all":
		return boilerplate.All, nil
	}
	return boilerplate.No, nil
}
