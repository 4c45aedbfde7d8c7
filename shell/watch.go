package shell

import (
	"os"
	"os/signal"
	"sync"
	"time"
)

// echoTime is how soon after another a signal counts as the same one. Wrappers
// such as npm forward the interrupt that the terminal has sent us already, and
// a key held down repeats; neither is a user who asks a second time.
const echoTime = 100 * time.Millisecond

// Watch takes over the signals that ask us to end, gives each to the relay and
// what came of it to notify, which is called from one goroutine and may be nil.
// The relay's First tells later which signal it was that ended us. A signal
// that our parent has told us to ignore, as nohup does, stays ignored. A broken
// pipe no longer ends us: it becomes the error of the write, and processes that
// run are not left behind without a reader.
//
// stop gives the signals back to the system; notify is not called after it
// returns, so stop must not be called from notify.
func Watch(r *Relay, notify func(Delivery)) (stop func()) {
	signals := make(chan os.Signal, 8)
	if wanted := wantedSignals(signal.Ignored); len(wanted) > 0 {
		signal.Notify(signals, wanted...)
	}
	broken := make(chan os.Signal, 1)
	if unwanted := pipeSignals(); len(unwanted) > 0 {
		signal.Notify(broken, unwanted...)
	}
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		forward(r, notify, signals, done)
	}()
	return sync.OnceFunc(func() {
		signal.Stop(signals)
		signal.Stop(broken)
		close(done)
		<-ended
	})
}

func forward(r *Relay, notify func(Delivery), signals <-chan os.Signal, done <-chan struct{}) {
	var last time.Time
	for {
		select {
		case <-done:
			return
		case s := <-signals:
			now := time.Now()
			echo := !last.IsZero() && now.Sub(last) < echoTime
			last = now
			if echo {
				continue
			}
			d := r.Signal(s)
			if notify != nil {
				notify(d)
			}
		}
	}
}

func wantedSignals(ignored func(os.Signal) bool) []os.Signal {
	var wanted []os.Signal
	for _, s := range endSignals() {
		if !ignored(s) {
			wanted = append(wanted, s)
		}
	}
	return wanted
}
