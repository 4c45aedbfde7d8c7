package ui

import "slices"

// held are writes that wait, in their order.
type held struct{ writes []heldWrite }

type heldWrite struct {
	to   *stream
	text []byte
}

func (h *held) add(to *stream, p []byte) (int, error) {
	h.writes = append(h.writes, heldWrite{to, slices.Clone(p)})
	return len(p), nil
}

// Hold keeps back all that is written through the console, since another
// program draws on the whole screen. Release writes it, in its order.
func (c *Console) Hold() (release func()) {
	c.mu.Lock()
	h := &held{}
	c.held = h
	c.mu.Unlock()
	return func() {
		c.mu.Lock()
		if c.held == h {
			c.held = nil
		}
		c.mu.Unlock()
		for _, w := range h.writes {
			_, _ = w.to.Write(w.text)
		}
		h.writes = nil
	}
}
