package flows

import "context"

// seen is what a turn has read: a state's facts are read when it hears and again when it is reached, often the same. Whatever
// an action says to the database makes it forget; nothing outlives the turn.
type seen map[string]any

// once reads something at most once in a turn, until an action touches the database. What it returns is shared: do not change it.
func once[T any](ctx context.Context, t *Turn, key string, read func(context.Context) (T, error)) (T, error) {
	if known, ok := t.seen[key].(T); ok {
		return known, nil
	}
	value, err := read(ctx)
	if err == nil {
		keep(t, key, value)
	}
	return value, err
}

// keep lets what an action has just read or made be known to the rest of the turn.
func keep[T any](t *Turn, key string, value T) {
	if t.seen == nil {
		t.seen = seen{}
	}
	t.seen[key] = value
}
