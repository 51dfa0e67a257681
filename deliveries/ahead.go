package deliveries

import (
	"iter"
	"runtime"
	"sync"
)

// ahead gives what others, as many as there are processors, make of each of a sequence, in its order, and a little ahead. They get so many at once.
func ahead[T, U any](seq iter.Seq2[T, error], atOnce int, work func(T) (U, error)) iter.Seq2[U, error] {
	return func(yield func(U, error) bool) {
		var others sync.WaitGroup
		workers := runtime.GOMAXPROCS(0)
		jobs, order, stop := make(chan *portion[T, U], workers), make(chan *portion[T, U], 2*workers), make(chan struct{})
		for range workers {
			others.Go(func() {
				for p := range jobs {
					p.work(work)
				}
			})
		}
		others.Go(func() {
			defer close(jobs)
			defer close(order)
			portions(seq, atOnce, func(p *portion[T, U]) bool {
				select {
				case order <- p:
					jobs <- p
					return true
				case <-stop:
					return false
				}
			})
		})
		defer others.Wait()
		defer close(stop)
		for p := range order {
			<-p.done
			for _, one := range p.made {
				if !yield(one, nil) {
					return
				}
			}
			if p.err != nil {
				var none U
				yield(none, p.err)
				return
			}
		}
	}
}

// portion is what is handed over at once.
type portion[T, U any] struct {
	all  []T
	made []U
	err  error // behind them
	done chan struct{}
}

func (p *portion[T, U]) work(work func(T) (U, error)) {
	defer close(p.done)
	p.made = make([]U, 0, len(p.all))
	for _, one := range p.all {
		made, err := work(one)
		if err != nil {
			p.err = err
			return
		}
		p.made = append(p.made, made)
	}
}

// portions hands over what a sequence gives, until it is told to stop.
func portions[T, U any](seq iter.Seq2[T, error], atOnce int, hand func(*portion[T, U]) bool) {
	p := &portion[T, U]{done: make(chan struct{})}
	for one, err := range seq {
		if err == nil {
			p.all = append(p.all, one)
		}
		p.err = err
		if err == nil && len(p.all) < atOnce {
			continue
		}
		if !hand(p) || err != nil {
			return
		}
		p = &portion[T, U]{done: make(chan struct{})}
	}
	hand(p)
}
