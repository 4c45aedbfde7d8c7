package shell

import (
	"io"
	"os"
	"time"
)

// kept are the pipes of a process that is to end its work when we are gone.
// Somebody else holds their reading ends too and empties them then; until then
// only we read.
type kept struct{ pipes []*keptPipe }

type keptPipe struct {
	read, write *os.File
	to          *sink
}

// keep puts pipes of our own in the place of the sinks. The process must be
// started next, then ran or failed be called.
func (o *outputs) keep() (*kept, error) {
	k := &kept{}
	add := func(to *sink) (*os.File, error) {
		r, w, err := os.Pipe()
		if err == nil {
			k.pipes = append(k.pipes, &keptPipe{r, w, to})
		}
		return w, err
	}
	w, err := add(o.err)
	if err != nil {
		return nil, err
	}
	if o.stdout == io.Writer(o.err) {
		o.stdout = w
	}
	o.stderr = w
	if o.out != nil {
		if w, err = add(o.out); err != nil {
			k.failed()
			return nil, err
		}
		o.stdout = w
	}
	return k, nil
}

// failed gives everything back: there is no process.
func (k *kept) failed() {
	for _, p := range k.pipes {
		_ = p.write.Close()
		_ = p.read.Close()
	}
}

// ran reads what the process writes until wait says that it has ended, and
// then for as long as others hold its output open, at most for drain.
func (k *kept) ran(wait func() error, drain time.Duration) error {
	done := make(chan struct{}, len(k.pipes))
	for _, p := range k.pipes {
		_ = p.write.Close() // the process has its own
	}
	// Only now, beside the process, which would wait for it otherwise.
	dismiss := k.guard()
	for _, p := range k.pipes {
		go func() {
			_, _ = io.Copy(p.to, p.read)
			done <- struct{}{}
		}()
	}
	err := wait()
	late := time.NewTimer(drain)
	defer late.Stop()
	for range k.pipes {
		select {
		case <-done:
		case <-late.C:
			late.Reset(0) // the others neither
		}
	}
	for _, p := range k.pipes {
		// The pipe blocks, since it is shared: a read that goes on keeps it until
		// the others have ended, and its sink takes no more.
		p.to.close()
		_ = p.read.Close()
	}
	dismiss()
	return err
}

// guard starts who reads on when we are gone.
func (k *kept) guard() (dismiss func()) {
	if len(k.pipes) == 0 {
		return func() {}
	}
	var reads []*os.File
	for _, p := range k.pipes {
		reads = append(reads, p.read)
	}
	return startKeeper(reads)
}
