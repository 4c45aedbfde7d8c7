package live

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// policies are all terrace.hcl files that have a say about some units: those
// of the checkout, and those at the tips of branches.
type policies struct {
	git   *Git // nil where there is no repository
	top   string
	units []string // folders, absolute
	read  map[string]bool
	tips  map[string]Tip
	gaps  map[string]error // branches that have no tip here
	all   []Policy
}

// Policies finds every policy about units, by their absolute folders. git is
// nil outside of a repository. Which branch is first for an environment is
// taken from the checkout and from the remote's default branch; the file at
// the tip of that branch then decides.
func Policies(ctx context.Context, git *Git, units []string) ([]Policy, Facts, error) {
	p := &policies{git: git, units: units, read: map[string]bool{}, tips: map[string]Tip{}, gaps: map[string]error{}}
	facts := Facts{NoGit: git == nil, Tips: p.tips, Unknown: p.gaps}
	if git != nil {
		p.top = git.Root()
	}
	if err := p.ofCheckout(); err != nil {
		return nil, facts, err
	}
	if git == nil {
		return p.all, facts, nil
	}
	if name, err := git.DefaultBranch(ctx); err != nil {
		return nil, facts, err
	} else if name != "" {
		if err := p.ofBranch(ctx, name); err != nil {
			return nil, facts, err
		}
	}
	for i := 0; i < len(p.all); i++ { // it grows
		for _, e := range p.all[i].touched() {
			if len(e.Branches) == 0 {
				continue
			}
			if err := p.ofBranch(ctx, e.Branches[0]); err != nil {
				return nil, facts, err
			}
			for _, b := range e.Branches {
				if err := p.tip(ctx, b); err != nil {
					return nil, facts, err
				}
			}
		}
	}
	return p.all, facts, nil
}

// touched lists the environments that the policy's units are in.
func (p Policy) touched() []*Environment {
	var list []*Environment
	for _, u := range p.Units {
		for _, e := range p.File.Environments {
			if _, _, ok := e.holds(u); ok && !slices.Contains(list, e) {
				list = append(list, e)
			}
		}
	}
	return list
}

// ofCheckout reads the files around the units as they lie on disk.
func (p *policies) ofCheckout() error {
	byRoot := map[string][]string{}
	for _, u := range p.units {
		u = realPath(u)
		root := FindRoot(u, p.top)
		rel, err := filepath.Rel(root, u)
		if err != nil {
			return err
		}
		byRoot[root] = append(byRoot[root], filepath.ToSlash(rel))
	}
	for _, root := range slices.Sorted(maps.Keys(byRoot)) {
		f, err := Load(root)
		if err != nil {
			return err
		}
		if !f.Guessed {
			p.all = append(p.all, Policy{File: f, Units: byRoot[root]})
		}
	}
	return nil
}

// tip notes where a branch ends, or why that is not known.
func (p *policies) tip(ctx context.Context, branch string) error {
	if _, known := p.tips[branch]; known || p.gaps[branch] != nil {
		return nil
	}
	tip, err := p.git.RemoteTip(ctx, branch)
	var missing *NoTipError
	if errors.As(err, &missing) {
		p.gaps[branch] = err
		return nil
	}
	if err == nil {
		p.tips[branch] = tip
	}
	return err
}

// ofBranch reads the files around the units as they are at the tip of a
// branch.
func (p *policies) ofBranch(ctx context.Context, branch string) error {
	if p.read[branch] {
		return nil
	}
	p.read[branch] = true
	if err := p.tip(ctx, branch); err != nil || p.gaps[branch] != nil {
		return err
	}
	tip := p.tips[branch]
	files, err := p.git.find(ctx, tip.Commit, FileName)
	if err != nil {
		return err
	}
	byFile := map[string][]string{}
	for _, u := range p.units {
		rel, ok := p.git.Rel(u)
		if !ok {
			continue
		}
		if file, inside := nearestFile(files, rel); file != "" {
			byFile[file] = append(byFile[file], inside)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		src, err := p.git.Show(ctx, tip.Commit, file)
		if err != nil {
			return err
		}
		f, err := Parse(src, tip.Short()+":"+file)
		if err != nil {
			return err
		}
		p.all = append(p.all, Policy{File: f, Branch: branch, Units: byFile[file]})
	}
	return nil
}

// find lists the files of a name in a commit.
func (g *Git) find(ctx context.Context, commit, name string) ([]string, error) {
	out, err := g.call(ctx, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	var list []string
	for path := range strings.SplitSeq(out, "\x00") {
		if path == name || strings.HasSuffix(path, "/"+name) {
			list = append(list, path)
		}
	}
	return list, nil
}

// nearestFile picks the file whose folder is nearest above a unit, and gives
// the unit's path from there.
func nearestFile(files []string, unit string) (file, inside string) {
	for dir := unit; ; {
		prefix := dir + "/"
		if dir == "" || dir == "." {
			prefix = ""
		}
		if slices.Contains(files, prefix+FileName) {
			inside := strings.TrimPrefix(unit, prefix)
			if unit == dir || inside == "" {
				inside = "."
			}
			return prefix + FileName, inside
		}
		if prefix == "" {
			return "", ""
		}
		i := strings.LastIndexByte(dir, '/')
		dir = dir[:max(i, 0)]
	}
}
