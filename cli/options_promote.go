package cli

import (
	"slices"
	"strings"
)

// promoteOptions are the flags of `promote`.
type promoteOptions struct {
	From, To       string // environments; From is "" with Version
	Version        string
	Module         string
	Through        string // the last environment of the chain, "" for To
	Continue       string // id of a promotion
	Only           string // one step alone, "" for all
	Words          []string
	SkipVerify     bool
	EditOnly       bool
	PR, Push       bool
	DryRun         bool
	AllowShared    bool
	AllowDowngrade bool
	AutoApprove    bool
}

// The steps that can be asked for alone with --only.
const (
	onlyVerify     = "verify"
	onlyEdit       = "edit"
	onlyDifference = "difference"
	onlyPlan       = "plan"
)

func newPromoteOptions(v *values, words []string) (promoteOptions, error) {
	o := promoteOptions{
		From: v.String("from"), To: v.String("to"), Version: v.String("version"), Module: v.String("module"),
		Through: v.String("through"), Continue: v.String("continue"), Only: v.String("only"), Words: words,
		SkipVerify: v.Bool("skip-verify"), EditOnly: v.Bool("edit-only"), PR: v.Bool("pr"), Push: v.Bool("push"), DryRun: v.Bool("dry-run"),
		AllowShared: v.Bool("allow-shared"), AllowDowngrade: v.Bool("allow-downgrade"), AutoApprove: v.Bool("auto-approve"),
	}
	if o.Only == onlyEdit {
		o.EditOnly = true
	}
	return o, o.check()
}

// check finds flags that do not go together.
func (o promoteOptions) check() error {
	wrong := func(text string) error { return &usageError{text} }
	if o.Continue != "" {
		if o.From != "" || o.To != "" || o.Version != "" || o.Module != "" || len(o.Words) > 0 {
			return wrong("--continue takes up a promotion as it was started: give no --from, --to, --version, --module and no units with it")
		}
		if o.EditOnly || o.DryRun || o.Only != "" && o.Only != onlyPlan {
			return wrong("--continue takes up a promotion whose edit is committed already: of --edit-only, --dry-run and --only, just --only plan has a meaning with it")
		}
		return nil
	}
	switch {
	case o.Only == onlyPlan:
		return wrong("--only plan plans what is committed: name the promotion with --continue")
	case o.To == "":
		return wrong("name the environment to change with --to")
	case o.From == "" && o.Version == "":
		return wrong("say where the versions come from: --from ENVIRONMENT carries its versions on, --version VERSION brings a release in")
	case o.From != "" && o.Version != "":
		return wrong("--from carries the versions of an environment on, --version brings a release in: give one of them")
	case o.Module != "" && o.Version == "":
		return wrong("--module says which module --version is about: give both")
	case o.EditOnly && o.PR:
		return wrong("--edit-only stops before the commit, --pr commits to a branch: give one of them")
	case o.Push && o.EditOnly:
		return wrong("--edit-only commits nothing that --push could push")
	case o.Only == onlyVerify && o.From == "":
		return wrong("--only verify is about the environment that versions come from: name it with --from")
	}
	return nil
}

func promoteCommand() *command {
	return &command{
		Name: "promote", Group: groupMain,
		Args:    "[slot | path | glob ...]",
		Summary: "Carry module versions from one environment to the next",
		Description: "Edits the one literal that each unit's module version comes from, proves by evaluating the whole repository " +
			"that nothing else changes, commits it, shows what is different, plans, asks, applies and checks. " +
			"Without words all slots that both environments have are meant.",
		Examples: []example{
			{"Carry what runs in dev to stage", "terrace promote --from dev --to stage"},
			{"Carry one component on, and see first what would happen", "terrace promote --from dev --to stage --dry-run us-east-1/vpc"},
			{"Bring a release into the first environment", "terrace promote --to dev --version v0.0.6 vpc"},
			{"Go on until production", "terrace promote --from dev --to stage --through prod"},
			{"Put the edit on a branch for a pull request", "terrace promote --from stage --to prod --pr --push"},
			{"Go on after the pull request was merged", "terrace promote --continue 7f3k9q2m"},
		},
		Flags: slices.Concat(promoteFlags(), unitFlags(), sourceFlags(), tofuFlags(), authFlags(), bundleKeyFlags(), guardFlags(), []*flagDef{parallelismFlag()}),
	}
}

func promoteFlags() []*flagDef {
	text := func(name, value, help string) *flagDef {
		return &flagDef{Name: name, Kind: kindString, Value: value, Env: envOwn, Help: help}
	}
	yes := func(name, help string) *flagDef { return &flagDef{Name: name, Env: envOwn, Help: help} }
	only := text("only", "step", "Do one step alone: "+strings.Join(promoteSteps(), ", ")+".")
	only.Choices = promoteSteps()
	return []*flagDef{
		text("from", "environment", "Carry the versions of this environment on."),
		text("to", "environment", "Environment to change."),
		text("version", "version", "Bring this version in, instead of those of another environment."),
		text("module", "url", "Module that --version is about, where units of several module repositories are meant."),
		text("through", "environment", "Go on with the environments that follow, up to this one."),
		text("continue", "id", "Go on with a promotion whose edit is committed."),
		only,
		yes("skip-verify", "Do not plan and check the source environment first. The record says so."),
		yes("edit-only", "Edit the files and stop before the commit."),
		yes("pr", "Put the edit on a branch of its own and stop."),
		yes("push", "Push the commit, or the branch of --pr."),
		yes("dry-run", "Write nothing: show what would be edited and what is different."),
		yes("allow-shared", "Edit a literal although units that were not asked for use it too."),
		yes("allow-downgrade", "Accept an older version, or one that cannot be compared."),
		yes("auto-approve", "Apply without asking. Refused where an environment needs approvals."),
	}
}

func promoteSteps() []string { return []string{onlyVerify, onlyEdit, onlyDifference, onlyPlan} }
