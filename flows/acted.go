package flows

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/rows"
	"souk/locales"
	"souk/people"
)

// tellActed tells a member what a helper did for them, with the button that undoes it.
func tellActed(ctx context.Context, t *Turn, args NoticeArgs) error {
	event, err := people.LoadEvent(ctx, t.Tx, args.Int("event"))
	if err != nil {
		return err
	}
	who, err := calledName(ctx, t, event.ActorID)
	if err != nil {
		return err
	}
	what, err := actedOn(ctx, t, event.Subject)
	if err != nil {
		return err
	}
	t.Say("notice.acted", locales.Args{"who": who, "deed": locales.Rendered(t.Text(deedKey(event.Name), nil)), "what": what})
	t.Offer("undo:"+itoa(event.ID), t.Text("acting.undo", nil))
	return nil
}

// deedKey is the words for what was done; what has none of its own is a change.
func deedKey(event string) string {
	switch event {
	case "product.published", "product.pending":
		return "deed.listed"
	case "product.relisted", "variant.priced":
		return "deed.changed"
	case "product.paused":
		return "deed.paused"
	case "part.accepted":
		return "deed.accepted"
	case "part.rejected":
		return "deed.refused"
	case "part.packed":
		return "deed.packed"
	}
	return "deed.changed"
}

// actedOn is what it was done to: a product's title, an order's code.
func actedOn(ctx context.Context, t *Turn, subject string) (string, error) {
	kind, number, _ := strings.Cut(subject, "/")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return subject, nil //nolint:nilerr // a subject that is no single thing is named as it is
	}
	var sql string
	switch kind {
	case "product":
		sql = `SELECT title FROM product WHERE id = @id`
	case "variant":
		sql = `SELECT p.title FROM product p JOIN variant v ON v.product_id = p.id WHERE v.id = @id`
	case "part":
		sql = `SELECT jsonb_build_object('fr', code) FROM coop_order WHERE id = @id`
	default:
		return subject, nil
	}
	title, found, err := rows.Value[catalog.Words](ctx, t.Tx, "look up what was changed", sql, rows.Args{"id": id})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", err
	}
	if !found {
		return subject, nil
	}
	return title.In(string(t.lang)), nil
}

// doneForMe tells what a helper did for the member who speaks: that is theirs to undo, however long ago it was.
func doneForMe(ctx context.Context, t *Turn, event int64) (bool, error) {
	e, err := people.LoadEvent(ctx, t.Tx, event)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	forID, _ := e.Data["for"].(float64)
	return int64(forID) == t.PersonID() && t.PersonID() != 0, err
}

// undoAct takes back what a helper did, or lays it before an operator.
func undoAct(ctx context.Context, t *Turn, id int64) (Result, error) {
	end, event, err := catalog.Undo(ctx, t.Tx, t.PersonID(), id, t.Now)
	if err != nil {
		return Result{}, err
	}
	if end != catalog.NeedsOperator {
		t.Say(undoneKey(end), nil)
		return Done()
	}
	_, err = people.OpenTicket(ctx, t.Tx, people.Ticket{PersonID: t.PersonID(), AddressID: t.In.Conversation, Kind: people.Problem,
		Body: fmt.Sprintf("%s %s", event.Name, event.Subject)}, t.Now)
	if err != nil {
		return Result{}, err
	}
	t.Say("acting.needs_operator", nil)
	return Done()
}

func undoneKey(end catalog.Undoing) string {
	if end == catalog.Undone {
		return "acting.undone"
	}
	return "acting.undone_before"
}
