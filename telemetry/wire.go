package telemetry

import (
	"encoding/binary"
	"math"
)

// message is a protobuf message under construction, as far as OTLP needs it.
// Fields that hold zero values are left out where protobuf means the same.
type message []byte

// Wire types of protobuf.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
)

func (m *message) tag(field, wire int) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3|uint64(wire))
}

func (m *message) varint(field int, v uint64) {
	if v != 0 {
		m.tag(field, wireVarint)
		*m = binary.AppendUvarint(*m, v)
	}
}

func (m *message) fixed(field int, v uint64) {
	m.tag(field, wireFixed64)
	*m = binary.LittleEndian.AppendUint64(*m, v)
}

func (m *message) double(field int, v float64) { m.fixed(field, math.Float64bits(v)) }

func (m *message) text(field int, s string) {
	if s != "" {
		m.bytes(field, []byte(s))
	}
}

// bytes adds a field that is there also when it is empty.
func (m *message) bytes(field int, b []byte) {
	m.tag(field, wireBytes)
	*m = binary.AppendUvarint(*m, uint64(len(b)))
	*m = append(*m, b...)
}

// packed adds a repeated field of fixed64 or double.
func (m *message) packed(field int, values []uint64) {
	var inner message
	for _, v := range values {
		inner = binary.LittleEndian.AppendUint64(inner, v)
	}
	m.bytes(field, inner)
}

// Attr is a named value: a string, a bool, an int or a float64.
type Attr struct {
	Key   string
	Value any
}

// attrs adds key-value pairs.
func (m *message) attrs(field int, list []Attr) {
	for _, a := range list {
		var kv message
		kv.text(1, a.Key)
		kv.bytes(2, anyValue(a.Value))
		m.bytes(field, kv)
	}
}

// anyValue encodes a value; the kind counts also where the value is zero.
func anyValue(v any) message {
	var m message
	switch v := v.(type) {
	case string:
		m.bytes(1, []byte(v))
	case bool:
		m = append(m, 2<<3|wireVarint, 0)
		if v {
			m[1] = 1
		}
	case int:
		m.tag(3, wireVarint)
		m = binary.AppendUvarint(m, uint64(v))
	case float64:
		m.double(4, v)
	}
	return m
}

// request puts the encoded spans, metrics or log records of one batch into the
// envelope that all three kinds of export requests share.
func request(resource, scope message, items []message) message {
	var scoped, of, whole message
	scoped.bytes(1, scope)
	for _, item := range items {
		scoped.bytes(2, item)
	}
	of.bytes(1, resource)
	of.bytes(2, scoped)
	whole.bytes(1, of)
	return whole
}
