// Package deliveries is the stage record: the log of attempts, a public contract. It writes, reads and groups; what the lines say about a sender
// is analysis.
//
// A log is a folder of segments (000001.jsonl, 000002.jsonl, …), each a file of JSON lines that any tool can read. One process writes a folder, any
// number may read it.
//
// Promise: when Writer.Append has returned nil, the record's line has been handed to the kernel (with SyncAlways: is on the disk), once; killing the
// process loses nothing and doubles nothing. What could not be written is counted, said, and becomes a gap line: never silence.
//
//	writer, torn, err := deliveries.OpenWriter(deliveries.Config{Dir: "faultline-log", Run: id, Proxy: host}, deliveries.Run{Seed: 42})
//	err = writer.Append(ctx, &deliveries.Attempt{…})
//	err = writer.Close(ctx)
//
//	for record, err := range deliveries.Read("faultline-log") { … }
package deliveries
