package deliveries

import (
	"iter"
	"sync"
)

// ahead gives what a sequence gives, which is made by another goroutine meanwhile, a little ahead.
func ahead[T any](seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var maker sync.WaitGroup
		made, stop := make(chan portion[T], 2), make(chan struct{})
		maker.Go(func() {
			defer close(made)
			portions(seq, made, stop)
		})
		defer maker.Wait()
		defer close(stop)
		for p := range made {
			for _, one := range p.all {
				if !yield(one, nil) {
					return
				}
			}
			if p.err != nil {
				var none T
				yield(none, p.err)
				return
			}
		}
	}
}

// portion is what is handed over at once.
type portion[T any] struct {
	all []T
	err error // behind them
}

const portionSize = 64

// portions hands over what a sequence gives, until it is told to stop.
func portions[T any](seq iter.Seq2[T, error], made chan<- portion[T], stop <-chan struct{}) {
	var p portion[T]
	hand := func() bool {
		select {
		case made <- p:
			p = portion[T]{}
			return true
		case <-stop:
			return false
		}
	}
	for one, err := range seq {
		if err == nil {
			p.all = append(p.all, one)
		}
		p.err = err
		if (err != nil || len(p.all) == portionSize) && !hand() {
			return
		}
	}
	hand()
}
