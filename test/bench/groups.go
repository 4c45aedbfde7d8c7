package main

import (
	"fmt"
	"slices"
	"strings"
)

// group is some rows of the table that are measured together.
type group struct {
	name    string
	measure func(*bench) ([]row, error)
}

func groups() []group {
	return []group{
		{"start", (*bench).startUp}, {"listing", (*bench).listing}, {"stacks", (*bench).stacks}, {"plans", (*bench).plans},
		{"sources", (*bench).sources}, {"states", (*bench).states}, {"outputs", (*bench).slowOutputs}, {"second", (*bench).second},
		{"promotions", (*bench).promotions},
	}
}

func groupNames() []string {
	var names []string
	for _, g := range groups() {
		names = append(names, g.name)
	}
	return names
}

// chosen gives the groups that a list names, all for an empty one.
func chosen(list string) ([]group, error) {
	if list == "" {
		return groups(), nil
	}
	names := strings.Split(list, ",")
	for _, name := range names {
		if !slices.Contains(groupNames(), name) {
			return nil, fmt.Errorf("there is no group %q; there are %s", name, strings.Join(groupNames(), ", "))
		}
	}
	return slices.DeleteFunc(groups(), func(g group) bool { return !slices.Contains(names, g.name) }), nil
}
