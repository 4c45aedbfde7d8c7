package configstack

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestManyGenerateAtOnce has several runs, each with its own idea of what is on
// disk, generate one tree. Without the lock they fail, or remove each other's files.
func TestManyGenerateAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, map[string]string{"catalog/a/terragrunt.hcl": "", "catalog/a/main.tf": "", ".git/HEAD": ""})
	o := GenerateOptions{LockDir: t.TempDir()}
	for round := range 6 {
		want := s.declare(20, round%2 == 0)
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				dir := []string{"live", "."}[i%2]
				if _, err := s.generate(dir, o); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
		s.want("live", want...)
	}
}

// declare writes a stack of so many units, with or without a second file in
// each, and gives the files that are to be there.
func (s *site) declare(units int, second bool) []string {
	s.t.Helper()
	names := []string{"terragrunt.hcl", "main.tf"}
	s.remove("catalog/a/deep")
	if second {
		s.write("catalog/a/deep/x.tf", "")
		names = append(names, "deep/x.tf")
	}
	want := []string{"terragrunt.stack.hcl"}
	var stack strings.Builder
	for i := range units {
		fmt.Fprintf(&stack, "unit \"u%d\" {\n source = \"../catalog/a\"\n path = \"u%d\"\n}\n", i, i)
		for _, name := range names {
			want = append(want, fmt.Sprintf(".terragrunt-stack/u%d/%s", i, name))
		}
	}
	s.write("live/terragrunt.stack.hcl", stack.String())
	return want
}
