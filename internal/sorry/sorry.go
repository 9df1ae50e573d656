// Package sorry carries a refusal that is meant for the person: a key for machines and for the words of each language, and what
// the words need. It is no fault: what was tried is undone, the person is told why and goes on.
package sorry

import "errors"

// Error is a refusal. Its words are sorry.KEY in locales; Args are inserted into them.
type Error struct {
	Key  string         // "order.only_left"
	Args map[string]any // {"n": 3}; nil where the words need nothing
}

// New returns a refusal. args may be nil.
func New(key string, args map[string]any) error {
	return &Error{Key: key, Args: args}
}

// Error names the key alone: arguments may be somebody's own words, which do not belong in logs.
func (e *Error) Error() string { return "refused: " + e.Key }

// As finds the refusal in err, however deeply it is wrapped.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Is says whether err is the refusal with this key.
func Is(err error, key string) bool {
	e, ok := As(err)
	return ok && e.Key == key
}
