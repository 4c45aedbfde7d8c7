package cli

import (
	"context"

	"github.com/terrace-iac/terrace/catalog"
)

func (w *workshop) browse(ctx context.Context, f *catalog.Finder, urls []string) error { return nil }

func (w *workshop) fill(ctx context.Context, p *catalog.Plan, source string) (bool, error) {
	return true, nil
}
