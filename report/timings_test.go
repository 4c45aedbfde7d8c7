package report

import (
	"bytes"
	"testing"
	"time"
)

func TestWriteTimings(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 3, 1, 10, 20, 30, 0, time.UTC)
	var b bytes.Buffer
	err := WriteTimings(&b, Timings{
		Command: "apply", Started: at, Ended: at.Add(3 * time.Second), Critical: []string{"a", "b"},
		Units: []UnitTiming{
			{Name: "b", Result: Failed, Started: at.Add(time.Second), Ended: at.Add(3 * time.Second), Attempts: 2, Steps: []StepTiming{{"init", 1500 * time.Millisecond}, {"run", 500 * time.Millisecond}}},
			{Name: "a", Result: Succeeded, Started: at, Ended: at.Add(750 * time.Millisecond), Attempts: 1},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "command": "apply",
  "started": "2024-03-01T10:20:30Z",
  "ended": "2024-03-01T10:20:33Z",
  "seconds": 3,
  "critical_path": {
    "seconds": 2.75,
    "units": [
      "a",
      "b"
    ]
  },
  "units": [
    {
      "name": "a",
      "result": "succeeded",
      "started": "2024-03-01T10:20:30Z",
      "ended": "2024-03-01T10:20:30.75Z",
      "seconds": 0.75,
      "attempts": 1,
      "steps": []
    },
    {
      "name": "b",
      "result": "failed",
      "started": "2024-03-01T10:20:31Z",
      "ended": "2024-03-01T10:20:33Z",
      "seconds": 2,
      "attempts": 2,
      "steps": [
        {
          "step": "init",
          "seconds": 1.5
        },
        {
          "step": "run",
          "seconds": 0.5
        }
      ]
    }
  ]
}
`
	if b.String() != want {
		t.Errorf("%s", b.String())
	}
	b.Reset()
	if err := WriteTimings(&b, Timings{Started: at, Ended: at}); err != nil || !bytes.Contains(b.Bytes(), []byte(`"units": []`)) {
		t.Errorf("nothing ran: %v %s", err, b.String())
	}
}
