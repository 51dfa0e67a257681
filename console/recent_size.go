package console

import "github.com/faultline/faultline/deliveries"

// What a record takes beside the texts of senders and targets, measured: its struct and its ids, and the places of a field in a header.
const (
	fixedSize = 1500
	fieldSize = 96
)

// sizeOf is about how many bytes a record keeps from being freed.
func sizeOf(record deliveries.Record) int {
	switch r := record.(type) {
	case *deliveries.Attempt:
		size := fixedSize + len(r.Host) + len(r.Key) + len(r.Endpoint) + len(r.Try) + len(r.Created) + len(r.URL) + len(r.Error) + headerSize(r.Request.Header)
		if r.Answer != nil {
			size += headerSize(r.Answer.Header)
		}
		return size
	case *deliveries.Open:
		return fixedSize + len(r.Host) + len(r.Key) + len(r.Endpoint)
	default:
		return fixedSize
	}
}

func headerSize(header map[string][]string) int {
	size := 0
	for name, values := range header {
		size += fieldSize + len(name)
		for _, value := range values {
			size += len(value)
		}
	}
	return size
}
