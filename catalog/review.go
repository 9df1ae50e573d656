package catalog

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// ReviewReason says why a listing waits for an operator.
type ReviewReason string

// The reasons of reviews.
const (
	FirstListings  ReviewReason = "first_listings"  // the cooperative is new
	ForbiddenWords ReviewReason = "forbidden_words" // see forbidden.txt
	Reported       ReviewReason = "reported"        // buyers say that something is wrong
	TitleReview    ReviewReason = "title"
)

// ReviewWithin is how many working hours an operator has; TrustedAfter how many listings of a new cooperative are looked at.
const (
	ReviewWithin = 4
	TrustedAfter = 3
)

// Review is why one listing waits for an operator, and until when at the latest.
type Review struct {
	ID          int64
	ProductID   int64
	Code        string // of the product
	Title       Words
	Cooperative Words
	Reason      ReviewReason
	Words       string    // what was met: forbidden words, a reporter's reason
	PromisedAt  time.Time // what the seller was told
	EscalatedAt *time.Time
	Decision    string // published, refused; "" while it waits
	CreatedAt   time.Time
}

// OpenReview lets a listing wait for an operator: it leaves the shelves until it is decided, and a ticket tells the operators. What
// has been ordered of it already goes on. Where a review is open already, that one goes on and hears the new words. Members are
// not told here: whoever opens it says so, with Review.PromisedAt. Archived products and drafts are refused with "catalog.status".
func OpenReview(ctx context.Context, tx pgx.Tx, productID int64, reason ReviewReason, words string, now time.Time) (Review, error) {
	if err := SetProductStatus(ctx, tx, productID, PendingReview, 0, now); err != nil {
		return Review{}, err
	}
	_, err := rows.Exec(ctx, tx, "open a review", openReview, rows.Args{"product": productID, "reason": string(reason), "words": words,
		"promised": people.WorkingHours(now, ReviewWithin, people.DefaultZone), "now": now})
	if err != nil {
		return Review{}, err
	}
	r, err := rows.One[Review](ctx, tx, "load the open review", selectReview+` WHERE r.product_id = @product AND r.decided_at IS NULL`, rows.Args{"product": productID})
	if err != nil {
		return Review{}, err
	}
	return r, tellOperators(ctx, tx, r, fmt.Sprintf("review %d: %s %s waits (%s%s), promised for %s", r.ID, r.Code, r.Title.In("fr"), reason,
		before(": ", words), inMorocco(r.PromisedAt)), now)
}

const openReview = `INSERT INTO review AS r (product_id, reason, words, promised_at, created_at) VALUES (@product, @reason, @words, @promised, @now)
	ON CONFLICT (product_id) WHERE decided_at IS NULL DO UPDATE SET words = concat_ws('; ', NULLIF(r.words, ''), NULLIF(excluded.words, ''))
	WHERE strpos(r.words, excluded.words) = 0`

const selectReview = `SELECT r.id, r.product_id, p.code, p.title, c.name AS cooperative, r.reason, r.words, r.promised_at, r.escalated_at,
		COALESCE(r.decision, '') AS decision, r.created_at
	FROM review r JOIN product p ON p.id = r.product_id JOIN cooperative c ON c.id = p.cooperative_id`

// tellOperators lays a listing before the operators: in the ticket of who listed it, so that they can answer that person.
func tellOperators(ctx context.Context, tx pgx.Tx, r Review, text string, now time.Time) error {
	lister, _, err := rows.Value[int64](ctx, tx, "look up who listed a product", whoListed, rows.Args{"product": r.ProductID})
	if err != nil {
		return err
	}
	_, err = people.OpenTicket(ctx, tx, people.Ticket{PersonID: lister, Kind: people.Listed, Body: text}, now)
	return err
}

// Where nobody is known to have listed it, a manager answers for it.
const whoListed = `SELECT COALESCE(p.created_by, (SELECT m.person_id FROM member m WHERE m.cooperative_id = p.cooperative_id AND m.removed_at IS NULL
		ORDER BY array_position(ARRAY['manager', 'seller', 'helper'], m.role), m.person_id LIMIT 1), 0)
	FROM product p WHERE p.id = @product`

// Reviews returns what waits for an operator, the oldest promise first.
func Reviews(ctx context.Context, tx pgx.Tx, limit int) ([]Review, error) {
	return rows.All[Review](ctx, tx, "list reviews", selectReview+` WHERE r.decided_at IS NULL ORDER BY r.promised_at, r.id LIMIT @limit`, rows.Args{"limit": limit})
}

// LoadReview returns a review; pgx.ErrNoRows, wrapped, where there is none.
func LoadReview(ctx context.Context, tx pgx.Tx, id int64) (Review, error) {
	return rows.One[Review](ctx, tx, fmt.Sprintf("load review %d", id), selectReview+` WHERE r.id = @id`, rows.Args{"id": id})
}

// Approve ends a review in the listing's favour. The listing is for sale at once, unless it is food that still waits for its
// number; the members are told. The third one approved of a new cooperative makes it trusted. A review that was approved before
// stays so; one that was refused is refused with "review.decided".
func Approve(ctx context.Context, tx pgx.Tx, reviewID int64, operator string, now time.Time) (Review, error) {
	r, decided, err := decide(ctx, tx, reviewID, "published", operator, "", now)
	if err != nil || !decided {
		return r, err
	}
	if err := trust(ctx, tx, r.ProductID, now); err != nil {
		return r, err
	}
	return r, release(ctx, tx, r.ProductID, now)
}

// Refuse ends a review against the listing: it goes back to being a draft, and the members are told the operator's note, which is in
// words for them and must not be empty ("review.note"). Twice is once; one that was approved is refused with "review.decided".
func Refuse(ctx context.Context, tx pgx.Tx, reviewID int64, operator, note string, now time.Time) (Review, error) {
	if note = strings.TrimSpace(note); note == "" {
		return Review{}, sorry.New("review.note", nil)
	}
	r, decided, err := decide(ctx, tx, reviewID, "refused", operator, note, now)
	if err != nil || !decided {
		return r, err
	}
	if err := SetProductStatus(ctx, tx, r.ProductID, Draft, 0, now); err != nil {
		return r, err
	}
	return r, tellSellers(ctx, tx, r.ProductID, "listing.refused", map[string]any{"note": note}, fmt.Sprintf("listing.refused/%d", r.ID), now)
}

// decide ends an open review. decided is false where it ended so before.
func decide(ctx context.Context, tx pgx.Tx, reviewID int64, decision, operator, note string, now time.Time) (r Review, decided bool, err error) {
	changed, err := rows.Exec(ctx, tx, "decide a review", decideReview, rows.Args{"id": reviewID, "decision": decision, "operator": operator, "note": note, "now": now})
	if err != nil {
		return r, false, err
	}
	if r, err = LoadReview(ctx, tx, reviewID); err != nil {
		return r, false, err
	}
	switch {
	case r.Decision != decision:
		return r, false, sorry.New("review.decided", map[string]any{"decision": r.Decision})
	case changed == 0:
		return r, false, nil
	}
	if err := closeListingTicket(ctx, tx, r.ProductID, now); err != nil {
		return r, true, err
	}
	if err := tellReporters(ctx, tx, r, decision, now); err != nil {
		return r, true, err
	}
	return r, true, people.Append(ctx, tx, people.Event{Name: "review." + decision, Subject: fmt.Sprintf("product/%d", r.ProductID),
		Data: map[string]any{"review": r.ID, "operator": operator}, At: now})
}

const decideReview = `UPDATE review SET decision = @decision, operator = @operator, note = @note, decided_at = @now WHERE id = @id AND decided_at IS NULL`

// closeListingTicket closes the lister's ticket once nothing of theirs waits.
func closeListingTicket(ctx context.Context, tx pgx.Tx, productID int64, now time.Time) error {
	lister, _, err := rows.Value[int64](ctx, tx, "look up who listed a product", whoListed, rows.Args{"product": productID})
	if err != nil {
		return err
	}
	tickets, err := rows.Values[int64](ctx, tx, "find the ticket of a listing", listingTicket, rows.Args{"person": lister})
	for _, id := range tickets {
		if err := people.CloseTicket(ctx, tx, id, now); err != nil {
			return err
		}
	}
	return err
}

const listingTicket = `SELECT t.id FROM ticket t WHERE t.person_id = @person AND t.kind = 'listing' AND t.status = 'open' AND NOT EXISTS (
	SELECT FROM review r JOIN product p ON p.id = r.product_id WHERE r.decided_at IS NULL AND p.created_by = @person)`

// trust lets a cooperative's listings go on sale by themselves once enough of them were found good.
func trust(ctx context.Context, tx pgx.Tx, productID int64, now time.Time) error {
	id, trusted, err := rows.Value[int64](ctx, tx, "trust a cooperative", trustCooperative, rows.Args{"product": productID, "after": TrustedAfter, "now": now})
	if err != nil || !trusted {
		return err
	}
	return people.Append(ctx, tx, people.Event{Name: "cooperative.trusted", Subject: fmt.Sprintf("cooperative/%d", id), At: now})
}

const trustCooperative = `UPDATE cooperative c SET trusted_at = @now
	WHERE c.id = (SELECT cooperative_id FROM product WHERE id = @product) AND c.trusted_at IS NULL
	  AND (SELECT count(DISTINCT r.product_id) FROM review r JOIN product p ON p.id = r.product_id
	       WHERE p.cooperative_id = c.id AND r.decision = 'published') >= @after
	RETURNING c.id`

// release puts a listing on sale that waits for nothing any longer, and tells the members.
func release(ctx context.Context, tx pgx.Tx, productID int64, now time.Time) error {
	err := SetProductStatus(ctx, tx, productID, Published, 0, now)
	if sorry.Is(err, "catalog.needs_onssa") || sorry.Is(err, "listing.in_review") {
		return nil
	}
	if err != nil {
		return err
	}
	if err := sellable(ctx, tx, productID, now); err != nil {
		return err
	}
	return tellSellers(ctx, tx, productID, "listing.published", nil, fmt.Sprintf("listing.published/%d/%d", productID, now.UnixMicro()), now)
}

// sellable does what a product's coming onto the shelves asks for: it can be found, and who waits for it hears.
func sellable(ctx context.Context, tx pgx.Tx, productID int64, now time.Time) error {
	if err := Reindex(ctx, tx, productID); err != nil {
		return err
	}
	variants, err := rows.Values[int64](ctx, tx, "list a product's packs", `SELECT id FROM variant WHERE product_id = @product AND archived_at IS NULL ORDER BY id`,
		rows.Args{"product": productID})
	if err != nil {
		return err
	}
	return TellBack(ctx, tx, variants, now)
}

// tellSellers tells those who act for a product's cooperative.
func tellSellers(ctx context.Context, tx pgx.Tx, productID int64, name string, args map[string]any, dedupe string, now time.Time) error {
	sellers, err := rows.Values[int64](ctx, tx, "list who sells a product", whoSells, rows.Args{"product": productID})
	if err != nil {
		return err
	}
	for _, person := range sellers {
		all := map[string]any{"product": productID}
		for key, value := range args {
			all[key] = value
		}
		err := people.Notify(ctx, tx, people.Notice{PersonID: person, Name: name, Args: all, Timing: people.AllowedHours,
			Dedupe: fmt.Sprintf("%s/%d", dedupe, person)}, now)
		if err != nil {
			return err
		}
	}
	return nil
}

const whoSells = `SELECT m.person_id FROM member m JOIN product p ON p.cooperative_id = m.cooperative_id
	WHERE p.id = @product AND m.removed_at IS NULL AND m.role <> 'helper' ORDER BY m.person_id`

// EscalateReviews marks at most limit reviews whose promised hour has passed: the operators' ticket says so, and the members are
// told a new hour, once. It returns how many.
func EscalateReviews(ctx context.Context, tx pgx.Tx, limit int, now time.Time) (int, error) {
	promised := people.WorkingHours(now, ReviewWithin, people.DefaultZone)
	ids, err := rows.Values[int64](ctx, tx, "escalate reviews", escalateReviews, rows.Args{"limit": limit, "promised": promised, "now": now})
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		r, err := LoadReview(ctx, tx, id)
		if err != nil {
			return 0, err
		}
		if err := tellOperators(ctx, tx, r, fmt.Sprintf("LATE: review %d of %s %s was promised; the sellers were told %s", r.ID, r.Code, r.Title.In("fr"), inMorocco(promised)), now); err != nil {
			return 0, err
		}
		err = tellSellers(ctx, tx, r.ProductID, "listing.later", map[string]any{"promised": promised.Unix()}, fmt.Sprintf("listing.later/%d", r.ID), now)
		if err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

const escalateReviews = `UPDATE review SET escalated_at = @now, promised_at = @promised WHERE id IN (
	SELECT id FROM review WHERE decided_at IS NULL AND escalated_at IS NULL AND promised_at <= @now ORDER BY promised_at, id LIMIT @limit FOR UPDATE SKIP LOCKED)
	RETURNING id`

// inMorocco is an instant as operators read it.
func inMorocco(at time.Time) string {
	return at.In(people.Zone(people.DefaultZone)).Format("2006-01-02 15:04")
}

func before(sign, words string) string {
	if words == "" {
		return ""
	}
	return sign + words
}
