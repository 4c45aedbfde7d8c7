package config

import (
	"fmt"
	"time"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func stdDates() []funcSpec {
	return []funcSpec{
		{Name: "formatdate", Summary: "An RFC 3339 time written in another form: YYYY MM DD hh mm ss, MMM and EEE for names, Z for the zone, quoted text as it is.", Example: `formatdate("DD MMM YYYY", "2020-01-02T00:00:00Z") # "02 Jan 2020"`, build: pure(stdlib.FormatDateFunc)},
		{Name: "timeadd", Summary: "An RFC 3339 time moved by a duration such as 90m or -1h30m.", Example: `timeadd("2020-01-02T00:00:00Z", "1h") # "2020-01-02T01:00:00Z"`, build: pure(stdlib.TimeAddFunc)},
		{Name: "timecmp", Summary: "-1, 0 or 1 as the first RFC 3339 time is before, the same as or after the second.", Example: `timecmp("2020-01-01T00:00:00Z", "2020-01-01T01:00:00+01:00") # 0`, build: pure(stdTimeCmp())},
		{Name: "timestamp", Summary: "The present time, UTC, in RFC 3339.", Example: `can(formatdate("YYYY", timestamp())) # true`, sensitive: true, build: pure(stdTimestamp())},
	}
}

func stdTimeCmp() function.Function {
	return stdWords("timecmp", 2, cty.Number, func(w []string) (cty.Value, error) {
		var moments [2]time.Time
		for i, text := range w {
			t, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return cty.NilVal, fmt.Errorf("not a valid RFC3339 timestamp: %q", text)
			}
			moments[i] = t
		}
		return cty.NumberIntVal(int64(moments[0].Compare(moments[1]))), nil
	})
}

func stdTimestamp() function.Function {
	return function.New(&function.Spec{
		Type: function.StaticReturnType(cty.String),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) {
			return cty.StringVal(time.Now().UTC().Format(time.RFC3339)), nil
		},
	})
}
