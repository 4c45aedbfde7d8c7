package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/live"
)

// runPromote carries versions on, one environment after the other.
func runPromote(ctx context.Context, inv *invocation) (int, error) {
	o, err := newPromoteOptions(inv.Values, inv.Args)
	if err != nil {
		return 1, err
	}
	s, err := newSession(inv, []string{"plan"}, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	p, err := newPromotion(ctx, s, o)
	if err != nil {
		return 1, err
	}
	err = p.play(ctx)
	return s.promoteCode(err), p.told(err)
}

// told is an error as it is shown: that a person is waited for was said.
func (p *promotion) told(err error) error {
	var wait *waitError
	if errors.As(err, &wait) {
		p.log.Warn(wait.What)
		return nil
	}
	return err
}

// hopStep is one thing that is done for an environment.
type hopStep struct {
	name string
	run  func(*hop, context.Context) error
}

// hopSteps are the steps for one environment, in order. What can be refused is
// refused before anything is written.
func hopSteps() []hopStep {
	return []hopStep{
		{"guard", (*hop).guard},
		{"edit", (*hop).choose},
		{"verify", (*hop).verify},
		{"difference", (*hop).difference},
		{"edit", (*hop).edit},
		{"plan", (*hop).planBundle},
		{"approve", (*hop).approve},
		{"apply", (*hop).apply},
		{"check", (*hop).check},
	}
}

// continuedSteps are those of a promotion whose edit is committed.
func continuedSteps() []hopStep {
	return slices.DeleteFunc(hopSteps(), func(s hopStep) bool { return !slices.Contains([]string{"plan", "approve", "apply", "check"}, s.name) })
}

// errDone ends an environment, and the chain, without a failure.
var errDone = errors.New("done")

// play goes through the environments. The first failure ends the chain.
func (p *promotion) play(ctx context.Context) error {
	first, steps, err := p.first(ctx)
	if err != nil {
		return err
	}
	chain, err := p.chain(first.to)
	if err != nil {
		return err
	}
	if err := p.guardChain(chain); err != nil {
		return err
	}
	h := first
	for i, env := range chain {
		if i > 0 {
			h, steps = &hop{promotion: p, from: chain[i-1], to: env}, hopSteps()
			fmt.Fprintln(p.out())
		}
		err := h.walk(ctx, steps)
		switch {
		case errors.Is(err, errDone):
			return nil
		case errors.Is(err, errNothing):
		case err != nil:
			return h.ended(ctx, err, chain[i+1:])
		}
	}
	return nil
}

// first is the way into the first environment: a new one, or one that was
// begun.
func (p *promotion) first(ctx context.Context) (*hop, []hopStep, error) {
	if p.want.Continue != "" {
		h, err := p.resumed(ctx)
		return h, continuedSteps(), err
	}
	h := &hop{promotion: p}
	var err error
	if h.to, err = p.environment("--to", p.want.To); err != nil {
		return nil, nil, err
	}
	if p.want.From != "" {
		if h.from, err = p.environment("--from", p.want.From); err != nil {
			return nil, nil, err
		}
		if !slices.Contains(h.to.After, h.from.Name) {
			return nil, nil, p.outOfOrder(h)
		}
	}
	return h, hopSteps(), nil
}

func (p *promotion) outOfOrder(h *hop) error {
	after := "comes first: bring a release in with --version"
	if len(h.to.After) > 0 {
		after = "comes after " + strings.Join(h.to.After, " and ")
	}
	return &usageError{fmt.Sprintf("--from %s: %s %s (%s). Promote in this order, or change `after` there", h.from.Name, h.to.Name, after, p.where(h.to.Range))}
}

// chain are the environments from one to that of --through.
func (p *promotion) chain(first *live.Environment) ([]*live.Environment, error) {
	if p.want.Through == "" || p.want.Through == first.Name {
		return []*live.Environment{first}, nil
	}
	last, err := p.environment("--through", p.want.Through)
	if err != nil {
		return nil, err
	}
	if chain := p.chainTo(first, last); chain != nil {
		return chain, nil
	}
	return nil, &usageError{fmt.Sprintf("--through %s: it does not come after %s (%s)", last.Name, first.Name, p.where(last.Range))}
}

// chainTo walks from the last environment back to the first. There are no
// cycles: a terrace.hcl with one is not accepted.
func (p *promotion) chainTo(first, last *live.Environment) []*live.Environment {
	if first == last {
		return []*live.Environment{first}
	}
	for _, name := range last.After {
		if chain := p.chainTo(first, p.file.Environment(name)); chain != nil {
			return append(chain, last)
		}
	}
	return nil
}

// walk does the steps for one environment.
func (h *hop) walk(ctx context.Context, steps []hopStep) error {
	fmt.Fprintf(h.out(), "Promotion %s: %s\n", h.id, h.title())
	if h.snapshot == nil {
		if err := h.evaluate(ctx); err != nil {
			return err
		}
	}
	for _, s := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.run(h, ctx); err != nil {
			return err
		}
	}
	return nil
}

// guard refuses what can never succeed.
func (h *hop) guard(ctx context.Context) error {
	if h.want.Only == onlyVerify {
		if err := h.verify(ctx); err != nil {
			return err
		}
		return errDone
	}
	if h.from == nil && len(h.to.After) > 0 {
		return h.guardRelease()
	}
	return nil
}

// guardRelease lets a release into a later environment only where one before
// it has it.
func (h *hop) guardRelease() error {
	places, err := h.selected()
	if err != nil {
		return err
	}
	for _, p := range places {
		there := slices.ContainsFunc(h.to.After, func(name string) bool {
			at, ok := h.layout.At(name, p.Slot)
			return ok && h.snapshot.Unit(h.dirOf(at)).Pin.Version == h.want.Version
		})
		if !there {
			return &usageError{fmt.Sprintf("--version %s: %s comes after %s (%s), where %s does not have it. Bring it in there first, then use --from",
				h.want.Version, h.to.Name, strings.Join(h.to.After, " and "), h.where(h.to.Range), p.Slot)}
		}
	}
	return nil
}

// guardChain refuses flags that an environment on the way does not allow.
func (p *promotion) guardChain(chain []*live.Environment) error {
	for i, e := range chain {
		if e.Approvals > 0 && p.want.AutoApprove {
			return &usageError{fmt.Sprintf("--auto-approve: %s needs %d approvals (%s); sign the bundle with `terrace bundle approve`", e.Name, e.Approvals, p.where(e.ApprovalsAt))}
		}
		writes := !p.want.DryRun && !p.want.EditOnly && p.want.Only == "" && (i > 0 || p.want.Continue == "")
		if len(e.Branches) > 0 && writes && !p.want.PR {
			return &usageError{fmt.Sprintf("%s is changed from %s only (%s): put the edit on a branch with --pr, and go on with --continue when it is merged", e.Name, strings.Join(e.Branches, ", "), p.where(e.BranchesAt))}
		}
	}
	return nil
}

// ended says how far a chain has come that ends early.
func (h *hop) ended(ctx context.Context, err error, rest []*live.Environment) error {
	var wait *waitError
	if errors.As(err, &wait) {
		return err
	}
	if h.commit == "" && len(rest) == 0 {
		return err
	}
	h.record(ctx, err)
	text := fmt.Sprintf("the promotion to %s has failed", h.to.Name)
	if h.commit != "" {
		text += fmt.Sprintf("; its edit is committed as %s (git revert %s takes it back)", short(h.commit), short(h.commit))
	} else {
		text += "; nothing was changed for it"
	}
	if len(rest) > 0 {
		names := make([]string, len(rest))
		for i, e := range rest {
			names[i] = e.Name
		}
		text += fmt.Sprintf("; %s was not touched", strings.Join(names, ", "))
	}
	return errors.Join(err, errors.New(text))
}

func short(commit string) string { return commit[:min(len(commit), 10)] }
