package boilerplate

import (
	"errors"
	"fmt"
	"math"
	"text/template"
)

var errZero = errors.New("division by zero")

func numberFunctions() template.FuncMap {
	return template.FuncMap{
		"round": func(x any) (int, error) { return whole(x, math.Round) }, "roundInt": func(x any) (int, error) { return whole(x, math.Round) },
		"ceil": func(x any) (int, error) { return whole(x, math.Ceil) }, "ceilInt": func(x any) (int, error) { return whole(x, math.Ceil) },
		"floor": func(x any) (int, error) { return whole(x, math.Floor) }, "floorInt": func(x any) (int, error) { return whole(x, math.Floor) },
		"roundFloat": func(x any, digits int) (float64, error) {
			f, err := number(x)
			scale := math.Pow(10, float64(digits))
			return math.Round(f*scale) / scale, err
		},
		"ceilFloat":  func(x any) (float64, error) { f, err := number(x); return math.Ceil(f), err },
		"floorFloat": func(x any) (float64, error) { f, err := number(x); return math.Floor(f), err },
		"plus":       func(a, b any) (float64, error) { return two(a, b, func(a, b float64) float64 { return a + b }) },
		"minus":      func(a, b any) (float64, error) { return two(a, b, func(a, b float64) float64 { return a - b }) },
		"times":      func(a, b any) (float64, error) { return two(a, b, func(a, b float64) float64 { return a * b }) },
		"divide": func(a, b any) (float64, error) {
			if f, err := number(b); err == nil && f == 0 {
				return 0, errZero
			}
			return two(a, b, func(a, b float64) float64 { return a / b })
		},
		"add":  func(list ...any) (int, error) { return fold(list, func(a, b int) int { return a + b }) },
		"add1": func(x any) (int, error) { return fold([]any{x, 1}, func(a, b int) int { return a + b }) },
		"sub":  func(a, b any) (int, error) { return fold([]any{a, b}, func(a, b int) int { return a - b }) },
		"mul":  func(list ...any) (int, error) { return fold(list, func(a, b int) int { return a * b }) },
		"div": func(a, b any) (int, error) {
			return byNonZero(a, b, func(a, b int) int { return a / b })
		},
		"mod": func(a, b any) (int, error) {
			return byNonZero(a, b, func(a, b int) int { return a % b })
		},
		"max":     func(list ...any) (int, error) { return fold(list, func(a, b int) int { return max(a, b) }) },
		"min":     func(list ...any) (int, error) { return fold(list, func(a, b int) int { return min(a, b) }) },
		"int":     func(x any) (int, error) { return whole(x, math.Trunc) },
		"int64":   func(x any) (int, error) { return whole(x, math.Trunc) },
		"float64": number,
		"atoi":    func(s string) (int, error) { return whole(s, math.Trunc) },
		"until":   func(n int) ([]int, error) { return numRange(0, n, 1) },
		"slice":   numRange, "numRange": numRange, "untilStep": numRange,
	}
}

func number(x any) (float64, error) {
	f, ok := toFloat(x)
	if !ok {
		return 0, fmt.Errorf("%v is not a number", x)
	}
	return f, nil
}

func whole(x any, by func(float64) float64) (int, error) {
	f, err := number(x)
	return int(by(f)), err
}

func two(a, b any, by func(a, b float64) float64) (float64, error) {
	x, err := number(a)
	if err != nil {
		return 0, err
	}
	y, err := number(b)
	return by(x, y), err
}

func fold(list []any, by func(a, b int) int) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	out, err := whole(list[0], math.Trunc)
	for _, x := range list[1:] {
		n, bad := whole(x, math.Trunc)
		if err = errors.Join(err, bad); err != nil {
			return 0, err
		}
		out = by(out, n)
	}
	return out, err
}

func byNonZero(a, b any, by func(a, b int) int) (int, error) {
	if f, err := number(b); err == nil && math.Trunc(f) == 0 {
		return 0, errZero
	}
	return fold([]any{a, b}, by)
}

// maxRange keeps a slip in a template from filling the memory.
const maxRange = 1 << 20

func numRange(from, to, step int) ([]int, error) {
	if step == 0 || abs(to-from)/abs(step) > maxRange {
		return nil, fmt.Errorf("no range from %d to %d in steps of %d", from, to, step)
	}
	out := []int{}
	for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
		out = append(out, i)
	}
	return out, nil
}

func abs(n int) int { return max(n, -n) }
