package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// JUnit knows test cases that pass, fail or are skipped. A unit is a case; one
// that never started is skipped, so that a failure counts once.
type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Suites []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string `xml:"name,attr"`
	Timestamp string `xml:"timestamp,attr,omitempty"`
	junitCounts
	Cases []junitCase `xml:"testcase"`
}

type junitCounts struct {
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Time     string `xml:"time,attr"` // seconds
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure"`
	Skipped *junitMessage `xml:"skipped"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func writeJUnit(w io.Writer, rows []Row) error {
	suite := junitSuite{Name: suiteName(rows)}
	var first, last time.Time
	for _, r := range rows {
		suite.add(r)
		if first.IsZero() || r.Started.Before(first) {
			first = r.Started
		}
		if r.Ended.After(last) {
			last = r.Ended
		}
	}
	suite.Time = seconds(last.Sub(first))
	if !first.IsZero() {
		suite.Timestamp = first.UTC().Format("2006-01-02T15:04:05")
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Name: "terrace", junitCounts: suite.junitCounts, Suites: []junitSuite{suite}}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func suiteName(rows []Row) string {
	if len(rows) > 0 && rows[0].Cmd != "" {
		return rows[0].Cmd
	}
	return "run"
}

func (s *junitSuite) add(r Row) {
	c := junitCase{Name: clean(r.Name), Class: clean(s.Name), Time: seconds(r.Ended.Sub(r.Started))}
	s.Tests++
	switch r.Result {
	case Failed:
		s.Failures++
		line, _, _ := strings.Cut(r.Cause, "\n")
		c.Failure = &junitMessage{Message: clean(line), Type: string(r.Reason), Text: clean(r.Cause)}
	case EarlyExit, Excluded:
		s.Skipped++
		c.Skipped = &junitMessage{Message: clean(skipText(r))}
	default:
		if r.Reason != "" {
			c.Output = clean(fmt.Sprintf("%s: %s", r.Reason, r.Cause))
		}
	}
	s.Cases = append(s.Cases, c)
}

func skipText(r Row) string {
	text := string(r.Result)
	for _, more := range []string{string(r.Reason), r.Cause} {
		if more != "" {
			text += ": " + more
		}
	}
	return text
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// clean drops what XML cannot hold, such as the escape character of colours.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
