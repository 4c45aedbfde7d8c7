package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	catalogFiles = 300
	catalogUnits = 20
	nestedStacks = 5
	nestedUnits  = 100 // in each
)

// stacks: what it costs to generate units from a git catalog, when nothing is there and when
// everything is, and to find that a large tree of nested stacks has not changed.
func (b *bench) stacks() ([]row, error) {
	catalog, err := b.makeCatalog()
	if err != nil {
		return nil, err
	}
	live := filepath.Join(b.dir, "stack-live")
	if err := write(filepath.Join(live, "terragrunt.stack.hcl"), stackOf(catalogUnits, "git::file://"+filepath.ToSlash(catalog)+"//units/u%d?ref=v1")); err != nil {
		return nil, err
	}
	generate := b.call(live, b.terrace, "stack", "generate")
	generated, store := filepath.Join(live, ".terragrunt-stack"), filepath.Join(b.dir, "stack-cache")
	generate.env = append(slices.Clip(generate.env), "XDG_CACHE_HOME="+store, "HOME="+store, "LocalAppData="+store)
	clone := afresh(b.call(b.dir, "git", "clone", "--quiet", "file://"+filepath.ToSlash(catalog), "clone"), filepath.Join(b.dir, "clone"))
	cold, err := pairs(b.rounds(11), afresh(generate, generated, store), clone)
	if err != nil {
		return nil, err
	}
	stored, err := pairs(b.rounds(11), afresh(generate, generated), clone)
	if err != nil {
		return nil, err
	}
	warm, err := pairs(b.rounds(15), generate.once, b.call(b.dir, b.tf, "version").once)
	if err != nil {
		return nil, err
	}
	nested, err := b.nestedStacks()
	if err != nil {
		return nil, err
	}
	large, err := pairs(b.rounds(11), b.call(nested, b.terrace, "stack", "generate").once, b.call(b.dir, b.tf, "version").once)
	return []row{
		ratioRow(fmt.Sprintf("`stack generate`, %d units from a git catalog of %d files, nothing there, to `git clone`", catalogUnits, catalogFiles), cold, 2),
		ratioRow("the same with the catalog in the download store, to `git clone`", stored, 2),
		ratioRow("the same with nothing to change, to bare `version`", warm, 6),
		ratioRow(fmt.Sprintf("`stack generate`, %d units in %d nested stacks, nothing to change, to bare `version`", nestedStacks*nestedUnits, nestedStacks), large, 60),
	}, err
}

// afresh removes folders before each call, outside the time that is taken.
func afresh(c call, dirs ...string) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		for _, dir := range dirs {
			if err := os.RemoveAll(dir); err != nil {
				return 0, err
			}
		}
		return c.once()
	}
}

// makeCatalog writes a git repository of units and of other files beside them.
func (b *bench) makeCatalog() (string, error) {
	dir := filepath.Join(b.dir, "stack-catalog")
	files := 0
	for i := range catalogUnits {
		for _, name := range []string{"terragrunt.hcl", "main.tf", "variables.tf", "outputs.tf", "README.md"} {
			if err := write(filepath.Join(dir, "units", fmt.Sprintf("u%d", i), name), strings.Repeat("# "+name+"\n", 20)); err != nil {
				return "", err
			}
			files++
		}
	}
	for ; files < catalogFiles; files++ {
		if err := write(filepath.Join(dir, "modules", fmt.Sprintf("m%d", files/5), fmt.Sprintf("f%d.tf", files)), strings.Repeat("# a module\n", 60)); err != nil {
			return "", err
		}
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main", "."}, {"add", "."},
		{"-c", "user.name=bench", "-c", "user.email=bench@example.invalid", "commit", "--quiet", "-m", "catalog"}, {"tag", "v1"},
	} {
		if _, err := b.call(dir, append([]string{"git"}, args...)...).once(); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// nestedStacks writes stacks in a stack and generates them.
func (b *bench) nestedStacks() (string, error) {
	live := filepath.Join(b.dir, "stack-nested")
	unit := filepath.Join(live, "catalog", "unit")
	for _, name := range []string{"terragrunt.hcl", "main.tf"} {
		if err := write(filepath.Join(unit, name), "# "+name+"\n"); err != nil {
			return "", err
		}
	}
	if err := write(filepath.Join(live, "catalog", "many", "terragrunt.stack.hcl"), stackOf(nestedUnits, filepath.ToSlash(unit))); err != nil {
		return "", err
	}
	var text strings.Builder
	for i := range nestedStacks {
		fmt.Fprintf(&text, "stack \"s%d\" {\n  source = \"../catalog/many\"\n  path   = \"s%d\"\n}\n", i, i)
	}
	dir := filepath.Join(live, "live")
	if err := write(filepath.Join(dir, "terragrunt.stack.hcl"), text.String()); err != nil {
		return "", err
	}
	_, err := b.call(dir, b.terrace, "stack", "generate").once()
	return dir, err
}

// stackOf is a stack file of n units; a %d in the source is the unit's number.
func stackOf(n int, source string) string {
	var text strings.Builder
	for i := range n {
		src := strings.ReplaceAll(source, "%d", fmt.Sprint(i))
		fmt.Fprintf(&text, "unit \"u%d\" {\n  source = %q\n  path   = \"u%d\"\n  values = { n = %d }\n}\n", i, src, i, i)
	}
	return text.String()
}
