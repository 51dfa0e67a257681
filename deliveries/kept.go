package deliveries

import "bytes"

// Kept is what is kept of a request's body for the log. It is held in pieces, so that it is held once, however large it grows. The zero value is empty.
type Kept struct {
	pieces [][]byte
	free   [][]byte // to be used for what comes
	size   int64
}

// The sizes of pieces: each is as large as all before it together, within these bounds.
const (
	leastPiece = 512
	mostPiece  = 1 << 20
)

// Append keeps p, which stays its caller's.
func (k *Kept) Append(p []byte) {
	k.size += int64(len(p))
	for len(p) > 0 {
		last := len(k.pieces) - 1
		if last < 0 || len(k.pieces[last]) == cap(k.pieces[last]) {
			k.pieces = append(k.pieces, k.piece(len(p)))
			last++
		}
		piece := k.pieces[last]
		n := min(len(p), cap(piece)-len(piece))
		k.pieces[last] = append(piece, p[:n]...)
		p = p[n:]
	}
}

// piece is an empty one, where so many bytes are to be kept.
func (k *Kept) piece(wanted int) []byte {
	if n := len(k.free); n > 0 {
		piece := k.free[n-1]
		k.free = k.free[:n-1]
		return piece
	}
	return make([]byte, 0, min(max(leastPiece, wanted, int(min(k.size, mostPiece))), mostPiece))
}

// Write is Append; it never fails.
func (k *Kept) Write(p []byte) (int, error) {
	k.Append(p)
	return len(p), nil
}

// Size is how many bytes are kept.
func (k *Kept) Size() int64 { return k.size }

// bytes are all of them, in one piece.
func (k *Kept) bytes() []byte { return bytes.Join(k.pieces, nil) }
