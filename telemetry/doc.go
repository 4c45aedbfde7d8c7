// Package telemetry measures what the program does, as OpenTelemetry has it:
// spans, metrics and log records, sent to a collector over OTLP or written as
// lines of JSON.
//
// It speaks OTLP itself, binary over HTTP or gRPC, because the official
// libraries cost every start of the program, also where nothing is measured.
// Where nothing is measured there is no Recorder: all methods of a nil
// *Recorder and a nil *Span do nothing, and no goroutine runs.
//
// It does not know units, queues, steps or processes, nor which variables
// other than those of OpenTelemetry users set: whoever starts a span names it
// and chooses its attributes. It never prints; what could not be sent is told
// by Close.
package telemetry
