package orders

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/locales"
	"souk/people"
)

// Move is what came of a member's decision about a part.
type Move struct {
	Purchase Purchase
	Part     Part
	// Already says that nothing was done, since the part had gone its way before: By moved it to where it stands, at At.
	Already bool
	By      int64 // 0: Souk itself, or an operator
	At      time.Time
	// Asked is what the buyer is asked first, nil where nothing needs to be.
	Asked *Amendment
}

// Reason says why a cooperative refuses an order.
type Reason string

// The reasons of a refusal.
const (
	OutOfStock  Reason = "out"
	ClosedNow   Reason = "closed"
	TooFar      Reason = "far"
	PriceError  Reason = "price"
	OtherReason Reason = "other"
)

// MaxWords is how many characters a seller's own words to a buyer may have.
const MaxWords = 300

// Accept takes the whole of an order on. A question that the buyer has not answered yet is withdrawn. Whoever comes second hears in
// Move who was first. The actor comes from catalog.MayAct, in the same transaction.
func Accept(ctx context.Context, tx pgx.Tx, partID int64, actor catalog.Actor, now time.Time) (Move, error) {
	p, part, err := lockPart(ctx, tx, partID)
	if err != nil {
		return Move{}, err
	}
	if part.Status != Placed {
		return already(ctx, tx, p, part)
	}
	if err := withdraw(ctx, tx, part, actor, now); err != nil {
		return Move{}, err
	}
	if err := accepted(ctx, tx, part, actor); err != nil {
		return Move{}, err
	}
	return step(ctx, tx, p, part, Accepted, actor, now, "part.accepted", nil)
}

// AcceptPart says of how many packs of each line the cooperative has; lines that are left out are sent whole. The buyer is asked
// (Move.Asked) and nothing is released before the answer; all of it is Accept. It refuses what is more than was ordered with
// "part.too_many", and nothing at all with "part.nothing_left": that is Refuse.
func AcceptPart(ctx context.Context, tx pgx.Tx, partID int64, actor catalog.Actor, kept map[int64]int64, now time.Time) (Move, error) {
	p, part, err := lockPart(ctx, tx, partID)
	if err != nil {
		return Move{}, err
	}
	if part.Status != Placed && part.Status != Accepted {
		return already(ctx, tx, p, part)
	}
	var change []LineChange
	var pieces int64
	whole := true
	for _, l := range part.Lines {
		n, said := kept[l.ID]
		if !said {
			n = l.Kept
		}
		if n < 0 || n > l.Kept {
			return Move{}, sorry.New("part.too_many", map[string]any{"Max": l.Kept})
		}
		whole = whole && n == l.Kept
		pieces += n
		change = append(change, LineChange{Line: l.ID, Kept: n, Amount: n * l.Price})
	}
	switch {
	case whole && part.Status == Placed:
		return Accept(ctx, tx, partID, actor, now)
	case whole:
		return already(ctx, tx, p, part)
	case pieces == 0:
		return Move{}, sorry.New("part.nothing_left", map[string]any{"Code": part.Code})
	}
	if err := withdraw(ctx, tx, part, actor, now); err != nil {
		return Move{}, err
	}
	return ask(ctx, tx, p, part, Partial, change, actor, now)
}

// Refuse says no to an order, with a reason and perhaps words for the buyer. The goods are free again; those who wait for them are
// not told before the seller has counted.
func Refuse(ctx context.Context, tx pgx.Tx, partID int64, actor catalog.Actor, reason Reason, words string, now time.Time) (Move, error) {
	words = strings.TrimSpace(locales.StripControls(words))
	if utf8.RuneCountInString(words) > MaxWords {
		return Move{}, sorry.New("part.words_long", map[string]any{"Max": MaxWords})
	}
	p, part, err := lockPart(ctx, tx, partID)
	if err != nil {
		return Move{}, err
	}
	if part.Status != Placed && part.Status != Accepted {
		return already(ctx, tx, p, part)
	}
	if _, err := tx.Exec(ctx, `UPDATE coop_order SET reason = $2, words = $3 WHERE id = $1`, part.ID, reason, words); err != nil {
		return Move{}, fmt.Errorf("why part %d is refused: %w", part.ID, err)
	}
	return step(ctx, tx, p, part, Rejected, actor, now, "part.rejected",
		map[string]any{"goods": part.GoodsTotal, "reason": string(reason), "words": words})
}

// LaterBy is how many working hours "later" puts off the next reminder.
const LaterBy = 2

// Later puts off the next reminder of a waiting order, by LaterBy working hours, and returns when it comes. It moves no promise:
// the operator is told when they would have been.
func Later(ctx context.Context, tx pgx.Tx, partID int64, actor catalog.Actor, now time.Time) (m Move, at time.Time, err error) {
	p, part, err := lockPart(ctx, tx, partID)
	if err != nil {
		return Move{}, at, err
	}
	if part.Status != Placed {
		m, err = already(ctx, tx, p, part)
		return m, at, err
	}
	at = people.WorkingHours(now, LaterBy, people.DefaultZone)
	if last := lastReminder(*p.PlacedAt); at.After(last) {
		at = last
	}
	if at.Before(now) {
		at = now
	}
	_, err = tx.Exec(ctx, `UPDATE coop_order SET remind_at = $2 WHERE id = $1 AND status = 'placed' AND escalated_at IS NULL`, part.ID, at)
	if err != nil {
		return Move{}, at, fmt.Errorf("put off the reminder of part %d: %w", part.ID, err)
	}
	err = actor.Record(ctx, tx, people.Event{Name: "part.later", Subject: partSubject(part.ID), At: now})
	return Move{Purchase: p, Part: part}, at, err
}

// lockPart reads a part and keeps its purchase, and with it all its parts, from changing until the transaction ends.
func lockPart(ctx context.Context, tx pgx.Tx, partID int64) (Purchase, Part, error) {
	var purchaseID int64
	if err := tx.QueryRow(ctx, `SELECT purchase_id FROM coop_order WHERE id = $1`, partID).Scan(&purchaseID); err != nil {
		return Purchase{}, Part{}, fmt.Errorf("part %d: %w", partID, err)
	}
	p, err := lock(ctx, tx, purchaseID)
	return p, p.part(partID), err
}

// Standing is how a part stands and who moved it there, with nothing done.
func Standing(ctx context.Context, tx pgx.Tx, partID int64) (Move, error) {
	p, part, err := LoadPart(ctx, tx, partID)
	if err != nil {
		return Move{}, err
	}
	return already(ctx, tx, p, part)
}

// already says who moved a part to where it stands.
func already(ctx context.Context, tx pgx.Tx, p Purchase, part Part) (Move, error) {
	m := Move{Purchase: p, Part: part, Already: true, At: part.UpdatedAt}
	type moved struct {
		Actor int64
		At    time.Time
	}
	last, found, err := rows.Maybe[moved](ctx, tx, "find who moved a part", lastMove, rows.Args{"subject": partSubject(part.ID), "name": "part." + string(part.Status)})
	if err == nil && found {
		m.By, m.At = last.Actor, last.At
	}
	return m, err
}

const lastMove = `SELECT COALESCE(actor_id, 0) AS actor, created_at AS at FROM event
	WHERE subject = @subject AND name = @name ORDER BY id DESC LIMIT 1`

func accepted(ctx context.Context, tx pgx.Tx, part Part, actor catalog.Actor) error {
	if _, err := tx.Exec(ctx, `UPDATE coop_order SET accepted_by = nullif($2::bigint, 0) WHERE id = $1`, part.ID, actor.PersonID); err != nil {
		return fmt.Errorf("who accepts part %d: %w", part.ID, err)
	}
	return nil
}

// step moves a locked part and tells its buyer; tell is "" where they need not hear.
func step(ctx context.Context, tx pgx.Tx, p Purchase, part Part, to Status, actor catalog.Actor, now time.Time, tell string, args map[string]any) (Move, error) {
	if err := move(ctx, tx, p, part, to, actor, now); err != nil {
		return Move{}, err
	}
	if tell != "" {
		if err := tellBuyer(ctx, tx, p, part, tell, args, now); err != nil {
			return Move{}, err
		}
	}
	fresh, err := Load(ctx, tx, p.ID)
	return Move{Purchase: fresh, Part: fresh.part(part.ID)}, err
}

func partSubject(partID int64) string { return fmt.Sprintf("part/%d", partID) }

// ReadPartCode reads a part's code as people type it: "S7K2QMX-1", "s7k2qmx 1", "S7K2QMX/١".
func ReadPartCode(text string) (code string, ok bool) {
	text = strings.TrimSpace(locales.Digits(locales.StripControls(text)))
	cut := strings.LastIndexAny(text, "-/ .")
	if cut < 0 {
		return "", false
	}
	number := text[cut+1:]
	if number == "" || len(number) > 2 || strings.Trim(number, "0123456789") != "" || number[0] == '0' {
		return "", false
	}
	purchase, ok := ReadCode(text[:cut])
	return purchase + "-" + number, ok
}
