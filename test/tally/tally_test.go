package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		well bool
		want string
	}{
		"all well": {
			`{"Action":"run","Package":"a","Test":"TestX"}
{"Action":"output","Package":"a","Test":"TestX","Output":"chatter\n"}
{"Action":"pass","Package":"a","Test":"TestX"}
{"Action":"output","Package":"a","Output":"PASS\n"}
{"Action":"pass","Package":"a","Elapsed":1.26}
{"Action":"skip","Package":"b"}
`, true, "pass a 1.3s\ntests: 1 passed, 0 failed, 0 skipped\n",
		},
		"skipped": {
			`{"Action":"output","Package":"a","Test":"TestS","Output":"    x_test.go:3: minio is missing: make parts\n"}
{"Action":"output","Package":"a","Test":"TestS","Output":"--- SKIP: TestS (0.00s)\n"}
{"Action":"skip","Package":"a","Test":"TestS"}
{"Action":"pass","Package":"a","Test":"TestX"}
`, true, "skip a TestS: minio is missing: make parts\ntests: 1 passed, 0 failed, 1 skipped\n",
		},
		"failed": {
			`{"Action":"pass","Package":"a","Test":"TestX"}
{"Action":"output","Package":"a","Test":"TestY","Output":"no\n"}
{"Action":"fail","Package":"a","Test":"TestY"}
{"Action":"fail","Package":"a","Elapsed":1}
`, false, "no\nfail a 1.0s\ntests: 1 passed, 1 failed, 0 skipped\n",
		},
		"does not compile": {
			`{"Action":"build-output","ImportPath":"a","Output":"x.go:1: oh\n"}
{"Action":"build-fail","ImportPath":"a"}
{"Action":"pass","Package":"b","Test":"TestX"}
`, false, "x.go:1: oh\ntests: 1 passed, 0 failed, 0 skipped\n",
		},
		"a panic": {
			`{"Action":"pass","Package":"a","Test":"TestX"}
{"Action":"output","Package":"a","Test":"TestY","Output":"panic: oh\n"}
{"Action":"fail","Package":"a"}
`, false, "panic: oh\nfail a 0.0s\ntests: 1 passed, 0 failed, 0 skipped\n",
		},
		"nothing": {"", false, "tests: 0 passed, 0 failed, 0 skipped\n"},
	} {
		var out bytes.Buffer
		tl := &tally{out: &out, said: map[string][]string{}, counts: map[string]int{}}
		if err := tl.read(strings.NewReader(c.in)); err != nil {
			t.Fatal(err)
		}
		if well := tl.sum(); well != c.well || out.String() != c.want {
			t.Errorf("%s: %v\n%s\nwant %v\n%s", name, well, &out, c.well, c.want)
		}
	}
}
