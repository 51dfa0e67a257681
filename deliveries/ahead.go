package deliveries

import (
	"iter"
	"runtime"
	"sync"
)

// ahead gives what others, as many as there are processors, make of each of a sequence, in its order, and a little ahead. They get so many at once, and add what
// they make of them to a list. Each portion has a maker of its own, and is used again when all that was made of it was given.
func ahead[T, U any](seq iter.Seq2[T, error], atOnce int, newMaker func() maker[T, U]) iter.Seq2[U, error] {
	return func(yield func(U, error) bool) {
		var others sync.WaitGroup
		workers := runtime.GOMAXPROCS(0)
		jobs, order, stop := make(chan *portion[T, U], workers), make(chan *portion[T, U], 2*workers), make(chan struct{})
		spare := make(chan *portion[T, U], cap(order)+1)
		for range workers {
			others.Go(func() {
				for p := range jobs {
					p.work()
				}
			})
		}
		others.Go(func() {
			defer close(jobs)
			defer close(order)
			for p := range portions(seq, atOnce, spare, newMaker) {
				select {
				case order <- p:
					jobs <- p
				case <-stop:
					return
				}
			}
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
			select {
			case spare <- p:
			default:
			}
		}
	}
}

// maker adds what it makes of all to a list. What it has made before is not needed any more.
type maker[T, U any] func(all []T, made []U) ([]U, error)

// portion is what is handed over at once.
type portion[T, U any] struct {
	make maker[T, U]
	all  []T
	made []U
	err  error // behind them
	done chan struct{}
}

func (p *portion[T, U]) work() {
	made, err := p.make(p.all, p.made)
	p.made = made
	if err != nil {
		p.err = err
	}
	p.done <- struct{}{}
}

// portions are those of a sequence; spare ones are used again.
func portions[T, U any](seq iter.Seq2[T, error], atOnce int, spare <-chan *portion[T, U], newMaker func() maker[T, U]) iter.Seq[*portion[T, U]] {
	empty := func() *portion[T, U] {
		select {
		case p := <-spare:
			p.all, p.made = p.all[:0], p.made[:0]
			return p
		default:
			return &portion[T, U]{make: newMaker(), done: make(chan struct{}, 1)}
		}
	}
	return func(yield func(*portion[T, U]) bool) {
		p := empty()
		for one, err := range seq {
			if err == nil {
				p.all = append(p.all, one)
			}
			p.err = err
			if err == nil && len(p.all) < atOnce {
				continue
			}
			if !yield(p) || err != nil {
				return
			}
			p = empty()
		}
		yield(p)
	}
}
