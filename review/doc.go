// Package review knows what a plan would do, and how to show it to whoever has
// to say yes. It takes plans in the JSON form of the wrapped binary, makes one
// model of them, and renders the model.
//
// It does not know what a unit is, where plans come from, what a bundle is or
// whether anybody has approved. It never prints a value that the plan marks as
// sensitive, nor a copy of one in a place that the plan does not mark.
package review
