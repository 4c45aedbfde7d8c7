package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// writeControls prints the table of strict controls: those with an effect, or
// all of them.
func writeControls(w io.Writer, all bool) error {
	return controlTable(w, slices.DeleteFunc(controls(), func(c control) bool { return c.Done && !all }))
}

func controlTable(w io.Writer, list []control) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "Name\tStatus\tDescription")
	for _, c := range list {
		status := "Active"
		if c.Done {
			status = "Completed"
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\n", c.Name, status, c.Help)
	}
	return tw.Flush()
}

// writeControl prints what a control stands for: the controls below it, and
// the old spellings with today's.
func writeControl(w io.Writer, name string) error {
	known := controls()
	if !slices.ContainsFunc(known, func(c control) bool { return c.Name == name }) {
		return unknownControl(name)
	}
	list := slices.DeleteFunc(known, func(c control) bool { return c.Name != name && c.Under != name })
	if err := controlTable(w, list); err != nil {
		return err
	}
	lines := replacements(name)
	if len(lines) == 0 {
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "\nOld\tUse instead")
	for _, l := range lines {
		fmt.Fprintf(tw, "%s\t%s\n", l[0], l[1])
	}
	return tw.Flush()
}

// replacements pairs old spellings that a control is about with today's.
func replacements(name string) [][2]string {
	var out [][2]string
	t := newTable()
	switch name {
	case controlOldVars, controlOldLogs, controlEnvVars:
		for _, row := range oldVariables() {
			if name == controlEnvVars || row.Control == name {
				out = append(out, [2]string{oldPrefix + envWord(row.Old), todaysVariable(t, row)})
			}
		}
	case controlOldFlags:
		for _, f := range retired(t) {
			out = append(out, [2]string{dashed(f.Name), f.Retired.Advice})
		}
	case controlOldWords, "deprecated-commands":
		for _, old := range []string{"run-all", "plan-all", "apply-all", "destroy-all", "output-all", "validate-all",
			"spin-up", "tear-down", "graph", "hclfmt", "hclvalidate", "validate-inputs", "render-json",
			"terragrunt-info", "output-module-groups", "graph-dependencies"} {
			today, _, _ := todaysCommand(t, old, nil)
			out = append(out, [2]string{old, strings.Join(today, " ")})
		}
	}
	return out
}

// oldVariables lists all variables with the old prefix, sorted, each with its
// control.
func oldVariables() []legacyName {
	rows := renamed()
	for _, n := range slices.Concat(sameNames(), telemetryNames()) {
		rows = append(rows, legacyName{Old: n, New: n})
	}
	for i := range rows {
		if rows[i].Control == "" {
			rows[i].Control = controlOldVars
		}
	}
	slices.SortFunc(rows, func(a, b legacyName) int { return strings.Compare(a.Old, b.Old) })
	return rows
}

// todaysVariable is the variable to use instead of an old one.
func todaysVariable(t *table, row legacyName) string {
	owners := t.owners(row.New)
	f := t.anywhere(row.New)
	if f != nil && f.Env == envOwn && len(owners) > 0 {
		return shownEnv(owners[0], f)
	}
	return sharedPrefix + envWord(row.New)
}

func retired(t *table) []*flagDef {
	var out []*flagDef
	t.walk(func(c *command) {
		for _, f := range c.Flags {
			if f.Retired != nil && findFlag(out, f.Name) == nil {
				out = append(out, f)
			}
		}
	})
	return out
}
