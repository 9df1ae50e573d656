package flows

import (
	"fmt"
	"slices"
	"strings"
)

// Check names every fault of a book, sorted: unknown targets, states that cannot be reached, a state where a number could mean two
// things, rows that could never be told apart. Empty means sound. It runs at every start.
func Check(book Book) []string {
	c := checker{flows: map[string]*Flow{}}
	for i := range book.Flows {
		f := &book.Flows[i]
		if c.flows[f.Name] != nil {
			c.fault("flow %s stands in the book twice", f.Name)
		}
		c.flows[f.Name] = f
	}
	if c.flows[book.Base] == nil {
		c.fault("the base %q is no flow of the book", book.Base)
	}
	for i := range book.Flows {
		c.flow(&book.Flows[i], book)
	}
	for _, r := range book.Everywhere {
		if r.To != "" || r.Otherwise != "" || r.Back {
			c.fault("everywhere/%s: a row of every flow can enter a flow, but has no state to go to", r.When.Name)
		}
		c.enters("everywhere/"+r.When.Name, r)
	}
	for name, n := range book.Notices {
		if n.Say == nil {
			c.fault("notice %s says nothing", name)
		}
		if n.Enter != "" {
			c.enters("notice "+name, Row{Enter: n.Enter})
		}
	}
	slices.Sort(c.faults)
	return c.faults
}

type checker struct {
	flows  map[string]*Flow
	faults []string
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

func (c *checker) flow(f *Flow, book Book) {
	states := map[string]*State{}
	for i := range f.States {
		s := &f.States[i]
		if s.Name == "" || strings.ContainsAny(s.Name, "/:! ") {
			c.fault("%s: %q is no name for a state", f.Name, s.Name)
		}
		if states[s.Name] != nil {
			c.fault("%s/%s is declared twice", f.Name, s.Name)
		}
		states[s.Name] = s
	}
	if states[f.Start] == nil {
		c.fault("%s starts at %q, which is no state of it", f.Name, f.Start)
	}
	for i := range f.States {
		c.state(f, &f.States[i], states, book)
	}
	reached := c.reach(f, states, book)
	for _, s := range f.States {
		if !reached[s.Name] {
			c.fault("%s/%s cannot be reached", f.Name, s.Name)
		}
	}
}

func (c *checker) state(f *Flow, s *State, states map[string]*State, book Book) {
	at := f.Name + "/" + s.Name
	if s.End && (len(s.Answers) > 0 || len(s.Given) > 0 || s.Numbered) {
		c.fault("%s is an end and can have no rows", at)
	}
	if !s.End && s.Ask == nil && len(s.Given) == 0 {
		c.fault("%s asks nothing and leads nowhere", at)
	}
	c.rows(at, "given.", s.Given, states)
	c.rows(at, "", s.Answers, states)
	c.rows(at, "always.", f.Always, states)
	c.numbers(at, f, s, book)
	for _, r := range s.Given {
		if r.Enter != "" || r.Again || r.To == "" {
			c.fault("%s/given.%s: a given row goes to a state of its own flow", at, r.When.Name)
		}
	}
}

// numbers makes sure that a bare number means one thing: a choice of the question, or the one thing that the rows read.
func (c *checker) numbers(at string, f *Flow, s *State, book Book) {
	means := ""
	if s.Numbered {
		means = "a choice"
	}
	for _, r := range slices.Concat(s.Answers, f.Always, book.Everywhere) {
		n := r.When.ReadsNumber
		switch {
		case n == "" || n == means || s.End:
		case means == "":
			means = n
		default:
			c.fault("%s: a number could mean %s or, to %s, %s", at, means, r.When.Name, n)
		}
	}
}

func (c *checker) rows(at, prefix string, rows []Row, states map[string]*State) {
	seen := map[string]bool{}
	for _, r := range rows {
		name := at + "/" + prefix + r.When.Name
		if r.When.Name == "" || r.When.Fits == nil || strings.ContainsAny(r.When.Name, "/!. ") {
			c.fault("%s: a when needs a name and a condition", name)
		}
		if seen[r.When.Name] { // looplab would silently let the last one win
			c.fault("%s stands twice", name)
		}
		seen[r.When.Name] = true
		for _, to := range []string{r.To, r.Otherwise} {
			if to != "" && states[to] == nil {
				c.fault("%s goes to %q, which is no state", name, to)
			}
		}
		c.enters(name, r)
	}
}

func (c *checker) enters(at string, r Row) {
	if r.Enter == "" {
		return
	}
	flow, state, hasState := strings.Cut(r.Enter, ":")
	f := c.flows[flow]
	if f == nil {
		c.fault("%s enters %q, which is no flow", at, r.Enter)
		return
	}
	if hasState && !slices.ContainsFunc(f.States, func(s State) bool { return s.Name == state }) {
		c.fault("%s enters %q, which is no state of that flow", at, r.Enter)
	}
}

// reach walks a flow from its start and from every place where it is entered.
func (c *checker) reach(f *Flow, states map[string]*State, book Book) map[string]bool {
	todo := []string{f.Start}
	entered := func(target string) {
		if flow, state, ok := strings.Cut(target, ":"); ok && flow == f.Name {
			todo = append(todo, state)
		}
	}
	for _, other := range book.Flows {
		for _, r := range other.Always {
			entered(r.Enter)
		}
		for _, s := range other.States {
			for _, r := range slices.Concat(s.Given, s.Answers) {
				entered(r.Enter)
			}
		}
	}
	for _, r := range book.Everywhere {
		entered(r.Enter)
	}
	for _, n := range book.Notices {
		entered(n.Enter)
	}
	reached := map[string]bool{}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		s := states[name]
		if s == nil || reached[name] {
			continue
		}
		reached[name] = true
		rows := slices.Concat(s.Given, s.Answers)
		if !s.End {
			rows = append(rows, f.Always...)
		}
		for _, r := range rows {
			todo = append(todo, r.To, r.Otherwise)
		}
	}
	return reached
}
