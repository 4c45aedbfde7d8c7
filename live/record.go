package live

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Kinds of records in the notes.
const (
	PromotionRecord = "promotion"
	OverrideRecord  = "override"
)

// Promotion is the record of a promotion, a note on the commit of its edit.
// It is never a gate.
type Promotion struct {
	Record       string          `json:"record"` // PromotionRecord
	ID           string          `json:"id"`
	Time         time.Time       `json:"time"`
	By           string          `json:"by"`
	From         string          `json:"from,omitempty"` // environment; "" for a new release
	To           string          `json:"to"`
	Units        []PromotedUnit  `json:"units"`
	Bundle       string          `json:"bundle,omitempty"` // digest
	Approvers    []string        `json:"approvers,omitempty"`
	SkipVerify   bool            `json:"skip_verify,omitempty"`
	Checks       []PromotedCheck `json:"checks,omitempty"`
	Applied      bool            `json:"applied"`
	Failure      string          `json:"failure,omitempty"`
	FinishedTime *time.Time      `json:"finished,omitempty"`
}

// PromotedUnit is one unit that was edited.
type PromotedUnit struct {
	Slot string `json:"slot"`
	Path string `json:"path"`
	Old  string `json:"from_version"`
	New  string `json:"to_version"`
}

// PromotedCheck is a check after the apply.
type PromotedCheck struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
}

// Override is the record of a guard that was overridden, a note on the commit
// that was checked out.
type Override struct {
	Record  string    `json:"record"` // OverrideRecord
	Time    time.Time `json:"time"`
	By      string    `json:"by"`
	Reason  string    `json:"reason"`
	Command string    `json:"command"`
	Rules   []string  `json:"rules"` // what was overridden
	Units   []string  `json:"units"`
}

// Promotions reads the records of promotions on a commit, in the order in
// which they were made; with an empty commit those of all commits, by time.
func (g *Git) Promotions(ctx context.Context, commit string) ([]Promotion, error) {
	return records(ctx, g, commit, PromotionRecord, func(p Promotion) time.Time { return p.Time })
}

// Overrides reads the records of overridden guards, as Promotions does.
func (g *Git) Overrides(ctx context.Context, commit string) ([]Override, error) {
	return records(ctx, g, commit, OverrideRecord, func(o Override) time.Time { return o.Time })
}

func records[T any](ctx context.Context, g *Git, commit, kind string, when func(T) time.Time) ([]T, error) {
	var raw []json.RawMessage
	var err error
	if commit != "" {
		raw, err = g.Notes(ctx, commit)
	} else {
		var all map[string][]json.RawMessage
		all, err = g.AllNotes(ctx)
		for _, list := range all {
			raw = append(raw, list...)
		}
	}
	if err != nil {
		return nil, err
	}
	var list []T
	for _, one := range raw {
		var head struct {
			Record string `json:"record"`
		}
		var r T
		if json.Unmarshal(one, &head) == nil && head.Record == kind && json.Unmarshal(one, &r) == nil {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b T) int { return when(a).Compare(when(b)) })
	return list, nil
}

// Who names the person whom git would write into a commit, "name <email>".
func (g *Git) Who(ctx context.Context) (string, error) {
	line, err := g.line(ctx, "var", "GIT_COMMITTER_IDENT")
	if err != nil || line == "" {
		return "", err
	}
	if i := slices.Index([]byte(line), '>'); i >= 0 {
		line = line[:i+1] // the rest is the time
	}
	return line, nil
}
