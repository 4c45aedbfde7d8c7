package telemetry

import (
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// bounds are those of the histograms in milliseconds: OpenTelemetry's default
// and, since an apply may take long, up to an hour.
func bounds() []float64 {
	return []float64{0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000,
		30000, 60000, 120000, 300000, 600000, 1800000, 3600000}
}

// metrics counts ended spans by name, from the start of the process on.
type metrics struct {
	start  time.Time
	bounds []float64

	mu      sync.Mutex
	byName  map[string]*tally
	errors  int
	changed bool // since the last snapshot
}

// tally is what is known of the spans of one name. Times are milliseconds.
type tally struct {
	succeeded, failed int
	sum, least, most  float64
	buckets           []uint64
}

func newMetrics() *metrics {
	return &metrics{start: time.Now(), bounds: bounds(), byName: map[string]*tally{}}
}

func (m *metrics) add(name string, d time.Duration, failed bool) {
	ms := float64(d) / float64(time.Millisecond)
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.byName[name]
	if t == nil {
		t = &tally{least: ms, most: ms, buckets: make([]uint64, len(m.bounds)+1)}
		m.byName[name] = t
	}
	t.sum, t.least, t.most = t.sum+ms, min(t.least, ms), max(t.most, ms)
	i, _ := slices.BinarySearch(m.bounds, ms) // a bound belongs to the bucket below it
	t.buckets[i]++
	if failed {
		t.failed++
		m.errors++
	} else {
		t.succeeded++
	}
	m.changed = true
}

// point is one metric at one time.
type point struct {
	Name  string
	Unit  string `json:",omitempty"`
	Count int
	Sum   float64 `json:",omitempty"` // of a histogram
	tally *tally  // a copy; nil for a counter
}

// snapshot lists all metrics in a stable order, or nothing when none has
// changed since the last one.
func (m *metrics) snapshot() []point {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.changed {
		return nil
	}
	m.changed = false
	list := []point{{Name: "errors_count", Count: m.errors}}
	for name, t := range m.byName {
		c := *t
		c.buckets = slices.Clone(t.buckets)
		name = metricName(name)
		list = append(list, point{Name: name + "_duration", Unit: "ms", Count: t.succeeded + t.failed, Sum: t.sum, tally: &c},
			point{Name: name + "_success_count", Count: t.succeeded}, point{Name: name + "_errors_count", Count: t.failed})
	}
	slices.SortFunc(list, func(a, b point) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// metricName replaces what a name of an instrument must not hold.
func metricName(span string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_.-/", r) {
			return r
		}
		return '_'
	}, span)
}

// cumulative is OTLP's word for counting from the start of the process.
const cumulative = 2

func (m *metrics) encode(p point, now time.Time) message {
	var data, series, out message
	data.fixed(2, nanos(m.start))
	data.fixed(3, nanos(now))
	out.text(1, p.Name)
	out.text(3, p.Unit)
	if p.tally == nil {
		data.fixed(6, uint64(p.Count))
		series.bytes(1, data)
		series.varint(2, cumulative)
		series.varint(3, 1) // never falls
		out.bytes(7, series)
		return out
	}
	data.fixed(4, uint64(p.Count))
	data.double(5, p.Sum)
	data.packed(6, p.tally.buckets)
	limits := make([]uint64, len(m.bounds))
	for i, b := range m.bounds {
		limits[i] = math.Float64bits(b)
	}
	data.packed(7, limits)
	data.double(11, p.tally.least)
	data.double(12, p.tally.most)
	series.bytes(1, data)
	series.varint(2, cumulative)
	out.bytes(9, series)
	return out
}
