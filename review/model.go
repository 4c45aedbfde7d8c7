package review

import (
	"cmp"
	"slices"
)

// Review is what one set of plans would do.
type Review struct {
	Title string   `json:"title"`           // what is reviewed, such as "prod"
	Notes []string `json:"notes,omitempty"` // one line each, shown below the title
	Units []Unit   `json:"units"`
}

// Unit is one plan.
type Unit struct {
	Path    string   `json:"path"`             // as people know the unit
	Wave    int      `json:"wave"`             // units of one wave do not wait for each other; 0 where that is not known
	Status  string   `json:"status,omitempty"` // what becomes of the plan, such as "planned"
	Note    string   `json:"note,omitempty"`   // why
	Mocked  []string `json:"mocked,omitempty"` // "vpc.id": what stood in for outputs that are not there yet
	Changes []Change `json:"changes"`          // by risk, then by address
	Outputs []Output `json:"outputs"`          // that change, by name
	Counts  Counts   `json:"counts"`
}

// Counts says how many objects a plan acts on, and how.
type Counts struct {
	Create  int `json:"create"`
	Update  int `json:"update"`
	Replace int `json:"replace"`
	Delete  int `json:"delete"`
	Forget  int `json:"forget"`
	Import  int `json:"import"`
	Move    int `json:"move"`
	Read    int `json:"read"`
	Outputs int `json:"outputs"`
}

// Action is what happens to an object.
type Action string

// The actions, the riskiest first.
const (
	Delete  Action = "delete"
	Replace Action = "replace"
	Forget  Action = "forget" // it leaves the state and goes on existing
	Update  Action = "update"
	Create  Action = "create"
	Import  Action = "import"
	Move    Action = "move"
	Read    Action = "read"
	None    Action = "no-op"
)

func (a Action) risk() int {
	return slices.Index([]Action{Delete, Replace, Forget, Update, Create, Import, Move, Read, None}, a)
}

// Change is what happens to one object.
type Change struct {
	Address  string      `json:"address"`
	Action   Action      `json:"action"`
	Import   string      `json:"import,omitempty"`     // id of what is taken into the state
	MoveFrom string      `json:"move_from,omitempty"`  // address until now
	Reason   string      `json:"reason,omitempty"`     // as the binary gives it
	Forces   []string    `json:"forces,omitempty"`     // attributes that make it a replacement
	Attrs    []Attribute `json:"attributes,omitempty"` // that differ, by path
}

// Output is a change of an output value.
type Output struct {
	Name   string      `json:"name"`
	Action Action      `json:"action"`
	Attrs  []Attribute `json:"attributes"`
}

// Attribute is a leaf of a value that differs. Before and After are JSON;
// empty where there is none.
type Attribute struct {
	Path      string `json:"path"` // "" where the value has no parts
	Before    string `json:"before,omitempty"`
	After     string `json:"after,omitempty"`
	Unknown   bool   `json:"unknown,omitempty"`   // not known before the apply; After is empty
	Sensitive bool   `json:"sensitive,omitempty"` // Before and After are not values
	Forces    bool   `json:"forces,omitempty"`    // it makes the change a replacement
}

// Changed says whether applying the plan would do anything.
func (u Unit) Changed() bool {
	return len(u.Outputs) > 0 || slices.ContainsFunc(u.Changes, func(c Change) bool { return c.Action != Read && c.Action != None })
}

// risk is that of the riskiest change; a smaller number is a larger risk.
func (u Unit) risk() int {
	least := Update.risk() // of outputs alone
	for i, c := range u.Changes {
		if r := c.Action.risk(); i == 0 || r < least {
			least = r
		}
	}
	return least
}

func (c *Counts) add(o Counts) {
	c.Create += o.Create
	c.Update += o.Update
	c.Replace += o.Replace
	c.Delete += o.Delete
	c.Forget += o.Forget
	c.Import += o.Import
	c.Move += o.Move
	c.Read += o.Read
	c.Outputs += o.Outputs
}

// Total adds up what all units would do.
func (r *Review) Total() Counts {
	var total Counts
	for _, u := range r.Units {
		total.add(u.Counts)
	}
	return total
}

// sortChanges puts the riskiest first.
func sortChanges(list []Change) {
	slices.SortStableFunc(list, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Action.risk(), b.Action.risk()), cmp.Compare(a.Address, b.Address))
	})
}
