package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/people"
)

// Publication is what became of a draft.
type Publication struct {
	ProductID int64
	Code      string // P1001
	Title     Words
	Status    string // Published, or PendingReview where it waits; of a changed product its own
	Updated   bool   // an own product was changed, none was added
	// NeedsONSSA says that it is food of a cooperative without a verified number: it waits for that.
	NeedsONSSA bool
	// Review is why it waits for an operator, "" where it does not, and Promised until when.
	Review    ReviewReason
	Promised  time.Time
	Forbidden []Forbidden
	LeftOff   []LeftOff // label words that were left off the title
	// Again says that the draft was published before: nothing happened now.
	Again bool
}

// OnSale tells that buyers can order it.
func (p Publication) OnSale() bool { return p.Status == Published }

// Publish makes a draft a product with its packs, stock, tiers, pictures and place in the search, or changes the own product that the
// draft is about, in the caller's transaction. It is the only way a listing becomes sellable:
//
//   - food of a cooperative without a verified, unexpired ONSSA number waits, and a file opens with a person who helps;
//   - forbidden words, and the first listings of a new cooperative, wait for an operator;
//   - label words that no verified document proves are left off the title.
//
// Publishing a draft again changes nothing and returns what became of it. It refuses as MayAct does, with "listing.closed" a draft
// that was dropped, and with "listing.missing" one of which something must still be said. Pictures that are still being fetched
// join the product when they are ready: AttachPhoto.
func Publish(ctx context.Context, tx pgx.Tx, draftID int64, actor Actor, now time.Time) (Publication, error) {
	d, err := rows.One[Listing](ctx, tx, "lock a draft", selectDraft+` WHERE id = @id FOR UPDATE`, rows.Args{"id": draftID})
	if err != nil {
		return Publication{}, err
	}
	if actor, err = MayAct(ctx, tx, actor.PersonID, d.CooperativeID); err != nil {
		return Publication{}, err
	}
	switch {
	case d.Status == "published":
		return published(ctx, tx, d, now)
	case d.Status != "open":
		return Publication{}, sorry.New("listing.closed", nil)
	}
	if missing := d.Content.Missing(); len(missing) > 0 {
		return Publication{}, sorry.New("listing.missing", nil)
	}
	if err := d.Content.check(); err != nil {
		return Publication{}, err
	}
	p := publishing{tx: tx, draft: d, actor: actor, now: now}
	if d.Content.Update {
		err = p.update(ctx)
	} else {
		err = p.add(ctx)
	}
	if err != nil {
		return Publication{}, err
	}
	_, err = rows.Exec(ctx, tx, "close a published draft", `UPDATE draft SET status = 'published', product_id = @product, updated_at = @now WHERE id = @id`,
		rows.Args{"id": d.ID, "product": p.out.ProductID, "now": now})
	return p.out, err
}

// published says again what became of a draft.
func published(ctx context.Context, tx pgx.Tx, d Listing, now time.Time) (Publication, error) {
	type became struct {
		Code       string
		Title      Words
		Status     string
		NeedsOnssa bool
		Review     string
		Promised   *time.Time
	}
	was, err := rows.One[became](ctx, tx, "look up what became of a draft", becameOf, rows.Args{"product": d.ProductID, "now": now})
	if err != nil {
		return Publication{}, err
	}
	p := Publication{ProductID: d.ProductID, Code: was.Code, Title: was.Title, Status: was.Status, Updated: d.Content.Update,
		NeedsONSSA: was.NeedsOnssa && was.Status == PendingReview, Review: ReviewReason(was.Review), Again: true}
	if was.Promised != nil {
		p.Promised = *was.Promised
	}
	return p, nil
}

const becameOf = `SELECT p.code, p.title, p.status, COALESCE(r.reason, '') AS review, r.promised_at AS promised,
		k.food AND NOT EXISTS (SELECT FROM valid_document(@now) d WHERE d.cooperative_id = p.cooperative_id AND d.kind = 'onssa') AS needs_onssa
	FROM product p JOIN category k ON k.id = p.category_id LEFT JOIN review r ON r.product_id = p.id AND r.decided_at IS NULL
	WHERE p.id = @product`

// publishing is one draft on its way.
type publishing struct {
	tx    pgx.Tx
	draft Listing
	actor Actor
	now   time.Time
	out   Publication
}

func (p *publishing) reference() string { return fmt.Sprintf("draft/%d", p.draft.ID) }

// add makes a new product of the draft.
func (p *publishing) add(ctx context.Context) error {
	labels, err := p.claims(ctx)
	if err != nil {
		return err
	}
	if strings.TrimSpace(p.draft.Content.Title.In("fr")) == "" { // nothing but a label was said
		return sorry.New("listing.only_label", nil)
	}
	if err := p.insert(ctx, labels); err != nil {
		return err
	}
	for i, pack := range p.draft.Content.Packs {
		if err := p.pack(ctx, i+1, pack); err != nil {
			return err
		}
	}
	if err := p.pictures(ctx); err != nil {
		return err
	}
	if err := p.look(ctx); err != nil {
		return err
	}
	name := "product.pending"
	if p.out.Status == Published {
		name = "product.published"
	}
	return p.actor.Record(ctx, p.tx, people.Event{Name: name, Subject: fmt.Sprintf("product/%d", p.out.ProductID),
		Data: map[string]any{"draft": p.draft.ID, "code": p.out.Code}, At: p.now})
}

// claims leaves unproved label words off the titles, and returns the document of the first label that is proved.
func (p *publishing) claims(ctx context.Context) (label int64, err error) {
	type proof struct {
		ID   int64
		Kind string
	}
	proofs, err := rows.All[proof](ctx, p.tx, "look up a cooperative's labels",
		`SELECT d.id, d.kind FROM valid_document(@now) d WHERE d.cooperative_id = @cooperative AND d.kind <> 'onssa' ORDER BY d.id`,
		rows.Args{"cooperative": p.draft.CooperativeID, "now": p.now})
	if err != nil {
		return 0, err
	}
	proved := func(kind string) bool {
		return slices.ContainsFunc(proofs, func(d proof) bool { return d.Kind == kind })
	}
	c := &p.draft.Content
	titles := Words{}
	for _, lang := range []string{"fr", "ar"} { // a fixed order: what was left off is said in it
		if c.Title[lang] == "" {
			continue
		}
		for _, kind := range LabelsIn(c.Title[lang]) {
			at := slices.IndexFunc(proofs, func(d proof) bool { return d.Kind == kind })
			if at >= 0 && label == 0 {
				label = proofs[at].ID
			}
		}
		title, left := StripLabels(c.Title[lang], proved)
		if titles[lang] = title; title == "" {
			delete(titles, lang)
		}
		for _, l := range left {
			if !slices.ContainsFunc(p.out.LeftOff, func(o LeftOff) bool { return o.Kind == l.Kind }) {
				p.out.LeftOff = append(p.out.LeftOff, l)
			}
		}
	}
	c.Title = titles
	for i, alias := range c.Aliases {
		c.Aliases[i], _ = StripLabels(alias, proved)
	}
	c.Aliases = slices.DeleteFunc(c.Aliases, func(a string) bool { return a == "" })
	return label, nil
}

func (p *publishing) insert(ctx context.Context, label int64) error {
	c := p.draft.Content
	var season *string
	if c.SeasonFrom != "" {
		season = &c.SeasonFrom
	}
	type inserted struct {
		ID   int64
		Code string
	}
	for { // a code may stand already that somebody wrote by hand: then the next one
		product, ok, err := rows.Maybe[inserted](ctx, p.tx, "add a product", insertProduct, rows.Args{"cooperative": p.draft.CooperativeID,
			"category": c.Category, "title": c.Title, "label": label, "aliases": append([]string{}, c.Aliases...),
			"unreviewed": append([]string{}, c.Unreviewed...), "lead": c.LeadDays, "season": season, "person": p.actor.PersonID, "now": p.now})
		if err != nil {
			return err
		}
		if ok {
			p.out.ProductID, p.out.Code, p.out.Title = product.ID, product.Code, c.Title
			return nil
		}
	}
}

const insertProduct = `INSERT INTO product (code, cooperative_id, category_id, region_code, title, label_id, status, aliases, unreviewed,
		lead_days, season_from, created_by, created_at, updated_at)
	SELECT 'P' || nextval('product_code'), c.id, @category, c.region_code, @title, NULLIF(@label::bigint, 0), 'draft', @aliases, @unreviewed,
		NULLIF(@lead::integer, 0), @season::text::date, NULLIF(@person::bigint, 0), @now, @now
	FROM cooperative c WHERE c.id = @cooperative
	ON CONFLICT (code) DO NOTHING RETURNING id, code`

// pack adds one thing that can be bought, with its opening stock.
func (p *publishing) pack(ctx context.Context, position int, pack Pack) error {
	stock := int64(0)
	if pack.Stock != nil {
		stock = *pack.Stock
	}
	variant, _, err := rows.Value[int64](ctx, p.tx, "add a pack", insertPack, rows.Args{"product": p.out.ProductID, "position": position,
		"amount": pack.Amount, "unit": pack.Unit, "price": pack.Price, "weighed": pack.ByWeight})
	if err != nil {
		return err
	}
	for _, tier := range pack.Tiers {
		if _, err := rows.Exec(ctx, p.tx, "add a price from a number on", insertTier,
			rows.Args{"variant": variant, "from": tier.From, "price": tier.Price}); err != nil {
			return err
		}
	}
	return Correct(ctx, p.tx, variant, stock, Opening, p.reference(), p.actor.PersonID, p.now)
}

const insertPack = `WITH v AS (
		INSERT INTO variant (product_id, position, pack_amount, pack_unit, price, by_weight)
		VALUES (@product, @position, @amount::text::numeric, @unit, @price, @weighed) RETURNING id)
	INSERT INTO stock (variant_id, on_hand) SELECT id, 0 FROM v RETURNING variant_id`

const insertTier = `INSERT INTO price_tier (variant_id, quantity, price) VALUES (@variant, @from, @price)
	ON CONFLICT (variant_id, quantity) DO UPDATE SET price = excluded.price`

// pictures puts the draft's pictures on the product, those that are there already; the others follow when they are.
func (p *publishing) pictures(ctx context.Context) error {
	for _, id := range p.draft.Content.Media {
		if err := usePhoto(ctx, p.tx, id, p.out.ProductID, p.now); err != nil {
			return err
		}
	}
	return nil
}

func usePhoto(ctx context.Context, tx pgx.Tx, photoID, productID int64, now time.Time) error {
	sent, err := FindSentPhoto(ctx, tx, photoID)
	if err == nil {
		err = UseSentPhoto(ctx, tx, photoID, sent.AddressID, productID, now)
	}
	if errors.Is(err, ErrPhotoNotReady) || errors.Is(err, ErrNoSuchPhoto) {
		return nil
	}
	return err
}

// look decides whether the new product is for sale at once, or what it waits for.
func (p *publishing) look(ctx context.Context) error {
	c := p.draft.Content
	texts := append([]string{c.Caption}, c.Aliases...)
	for _, title := range c.Title {
		texts = append(texts, title)
	}
	p.out.Forbidden = ForbiddenIn(texts...)
	type maker struct{ Trusted, Food, Documented bool }
	m, err := rows.One[maker](ctx, p.tx, "look at who lists", lookAtMaker, rows.Args{"product": p.out.ProductID, "now": p.now})
	if err != nil {
		return err
	}
	p.out.NeedsONSSA = m.Food && !m.Documented
	if err := Reindex(ctx, p.tx, p.out.ProductID); err != nil {
		return err
	}
	if err := SetProductStatus(ctx, p.tx, p.out.ProductID, PendingReview, p.actor.PersonID, p.now); err != nil {
		return err
	}
	p.out.Status = PendingReview
	switch {
	case len(p.out.Forbidden) > 0:
		err = p.review(ctx, ForbiddenWords)
	case !m.Trusted:
		err = p.review(ctx, FirstListings)
	}
	if err != nil {
		return err
	}
	if p.out.NeedsONSSA {
		_, err := people.OpenTicket(ctx, p.tx, people.Ticket{PersonID: p.draft.PersonID, Kind: people.Compliance,
			Body: fmt.Sprintf("%s %s is food of a cooperative without a verified ONSSA number", p.out.Code, c.Title.In("fr"))}, p.now)
		return err
	}
	if p.out.Review != "" {
		return nil
	}
	p.out.Status = Published
	return SetProductStatus(ctx, p.tx, p.out.ProductID, Published, p.actor.PersonID, p.now)
}

const lookAtMaker = `SELECT c.trusted_at IS NOT NULL AS trusted, k.food,
		EXISTS (SELECT FROM valid_document(@now) d WHERE d.cooperative_id = p.cooperative_id AND d.kind = 'onssa') AS documented
	FROM product p JOIN cooperative c ON c.id = p.cooperative_id JOIN category k ON k.id = p.category_id WHERE p.id = @product`

func (p *publishing) review(ctx context.Context, reason ReviewReason) error {
	words := make([]string, 0, len(p.out.Forbidden))
	for _, f := range p.out.Forbidden {
		words = append(words, f.Reason+" "+f.Word)
	}
	r, err := OpenReview(ctx, p.tx, p.out.ProductID, reason, strings.Join(words, ", "), p.now)
	p.out.Review, p.out.Promised = r.Reason, r.PromisedAt
	return err
}

// AttachPhoto puts a picture that has become ready on the product that came of the draft it was sent for, and returns that product's
// code: "" where the draft is still open (it is published with it later) or there is none.
func AttachPhoto(ctx context.Context, tx pgx.Tx, photoID, addressID int64, now time.Time) (code string, err error) {
	type shown struct {
		ID   int64
		Code string
	}
	products, err := rows.All[shown](ctx, tx, "find the listing of a photo", listingOfPhoto, rows.Args{"photo": fmt.Sprint(photoID)})
	if err != nil {
		return "", err
	}
	for _, p := range products {
		if err := UseSentPhoto(ctx, tx, photoID, addressID, p.ID, now); err != nil {
			return "", err
		}
		code = p.Code
	}
	return code, nil
}

const listingOfPhoto = `SELECT p.id, p.code FROM draft d JOIN product p ON p.id = d.product_id AND p.status <> 'archived'
	WHERE d.status = 'published' AND d.content->'media' @> (@photo::text)::jsonb ORDER BY p.id`

// DetachPhoto takes a picture that was refused out of the drafts it was sent for, and returns the code of the product that goes
// without it: "" where none came of it yet.
func DetachPhoto(ctx context.Context, tx pgx.Tx, photoID int64) (code string, err error) {
	codes, err := rows.Values[string](ctx, tx, "take a photo out of drafts", detachPhoto, rows.Args{"photo": fmt.Sprint(photoID)})
	for _, c := range codes {
		if c != "" {
			code = c
		}
	}
	return code, err
}

const detachPhoto = `UPDATE draft d SET content = jsonb_set(d.content, '{media}', (SELECT COALESCE(jsonb_agg(m), '[]') FROM jsonb_array_elements(d.content->'media') m
		WHERE m <> (@photo::text)::jsonb))
	WHERE d.content->'media' @> (@photo::text)::jsonb
	RETURNING COALESCE((SELECT p.code FROM product p WHERE p.id = d.product_id AND d.status = 'published'), '')`
