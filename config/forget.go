package config

// Forget drops what the unit's expressions gave, so that one after the other a
// thousand units can be looked at in the memory of a few. Its outline is kept;
// what else is asked for again is evaluated again.
func (u *Unit) Forget() {
	u.core.config.forget()
	u.core.sections.clear()
	u.core.main.forget()
	for _, in := range u.core.includes {
		in.frame.forget()
	}
}

func (fr *frame) forget() {
	fr.cells.clear()
	fr.targets.clear()
}

// clear leaves those alone who are evaluating a cell now.
func (m *cellMap) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cells = nil
}

func (m *sectionMap) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cells = nil
}
