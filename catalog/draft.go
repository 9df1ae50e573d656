package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/internal/sorry"
	"souk/locales"
)

// Listing is what somebody is about to put up for sale: what was understood so far, and what is still to be asked.
type Listing struct {
	ID            int64
	CooperativeID int64
	PersonID      int64 // whose draft it is
	// ProductID is the own product that is changed where Content.Update says so; of a published draft, what came of it.
	ProductID int64
	Content   Content
	Status    string // open, published, dropped
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Content is what a draft says. Zero values were not said.
type Content struct {
	Title      Words    `json:"title,omitempty"`
	Unreviewed []string `json:"unreviewed,omitempty"` // languages whose title was suggested and read by nobody
	Aliases    []string `json:"aliases,omitempty"`    // the goods' name in the person's own words, where the title says it otherwise
	Category   string   `json:"category,omitempty"`   // id
	Packs      []Pack   `json:"packs,omitempty"`
	Media      []int64  `json:"media,omitempty"` // received pictures, in their order
	LeadDays   int      `json:"lead_days,omitempty"`
	SeasonFrom string   `json:"season_from,omitempty"` // 2027-03-01
	Caption    string   `json:"caption,omitempty"`     // as it was typed
	Skipped    []string `json:"skipped,omitempty"`     // questions that were answered with "skip"
	// Update says that the draft changes the own product of ProductID instead of adding one.
	Update bool `json:"update,omitempty"`
	// Another says that it is none of the own products that it resembles.
	Another bool `json:"another,omitempty"`
}

// Pack is one thing that can be bought. Amount "" was not said; Price 0 was not; Stock nil was not.
type Pack struct {
	Amount   string `json:"amount,omitempty"` // decimal, without trailing zeros
	Unit     string `json:"unit,omitempty"`   // g, kg, ml, l, piece
	Price    int64  `json:"price,omitempty"`  // centimes of MAD, for one pack
	Stock    *int64 `json:"stock,omitempty"`  // packs
	ByWeight bool   `json:"by_weight,omitempty"`
	Tiers    []Tier `json:"tiers,omitempty"` // ascending
}

// Tier is the price of each pack where at least so many are taken.
type Tier struct {
	From  int64 `json:"from"`
	Price int64 `json:"price"` // centimes
}

// The parts of a draft that can be missing, in the order in which they are asked for.
const (
	NoTitle    = "title"
	NoPrice    = "price"
	NoPack     = "pack"
	NoStock    = "stock"
	NoCategory = "category"
)

// Bounds of what can be listed.
const (
	MaxPacks    = 8
	MaxPrice    = 100_000_000 // centimes
	MaxTitle    = 80          // letters
	maxCaption  = 1000
	maxMedia    = 10
	DraftLife   = 7 * 24 * time.Hour // a draft that nobody came back to is dropped after it
	draftsShown = 5
)

// Missing returns what must still be said before the draft can be published, in the order in which to ask.
func (c Content) Missing() []string {
	if c.Update { // the product has a title and a shelf; new packs may come with half of it
		return c.missingOfPacks(nil)
	}
	var missing []string
	if c.Title.In("fr") == "" {
		missing = append(missing, NoTitle)
	}
	missing = c.missingOfPacks(missing)
	if c.Category == "" {
		missing = append(missing, NoCategory)
	}
	return missing
}

func (c Content) missingOfPacks(missing []string) []string {
	without := func(lacks func(Pack) bool) bool { return c.PackWithout(lacks) >= 0 }
	if len(c.Packs) == 0 || without(Pack.priceless) {
		missing = append(missing, NoPrice)
	}
	if len(c.Packs) == 0 || without(Pack.sizeless) {
		missing = append(missing, NoPack)
	}
	if len(c.Packs) == 0 || without(Pack.stockless) {
		missing = append(missing, NoStock)
	}
	return missing
}

func (p Pack) priceless() bool { return p.Price == 0 }
func (p Pack) sizeless() bool  { return p.Amount == "" }
func (p Pack) stockless() bool { return p.Stock == nil }

// PackWithout returns the first pack that lacks something, -1 where none does.
func (c Content) PackWithout(lacks func(Pack) bool) int {
	for i, p := range c.Packs {
		if lacks(p) {
			return i
		}
	}
	return -1
}

// Lacking returns the first pack that lacks this (NoPrice, NoPack or NoStock), 0 where there is no pack at all, -1 where none does.
func (c Content) Lacking(what string) int {
	if len(c.Packs) == 0 {
		return 0
	}
	switch what {
	case NoPrice:
		return c.PackWithout(Pack.priceless)
	case NoPack:
		return c.PackWithout(Pack.sizeless)
	}
	return c.PackWithout(Pack.stockless)
}

// check refuses what cannot be sold as it is said, with the key of why.
func (c Content) check() error {
	for _, title := range c.Title {
		if n := utf8.RuneCountInString(title); n > MaxTitle {
			return sorry.New("listing.title_long", map[string]any{"Max": MaxTitle})
		}
	}
	if len(c.Packs) > MaxPacks {
		return sorry.New("listing.many_packs", map[string]any{"Max": MaxPacks})
	}
	sizes := map[string]bool{}
	for _, p := range c.Packs {
		if p.Price < 0 || p.Price > MaxPrice {
			return sorry.New("listing.price_range", nil)
		}
		if p.Amount != "" && !packSize(p.Amount) {
			return sorry.New("listing.pack_unread", nil)
		}
		if p.Stock != nil && (*p.Stock < 0 || *p.Stock > MaxStock) {
			return sorry.New("stock.range", map[string]any{"Max": MaxStock})
		}
		n, unit := inBase(p.Amount, p.Unit)
		if size := fmt.Sprint(n, unit); p.Amount != "" {
			if sizes[size] {
				return sorry.New("listing.same_pack", nil)
			}
			sizes[size] = true
		}
	}
	return nil
}

// packSize tells a decimal that the schema holds: above nothing, below a thousand million, at most three places.
func packSize(amount string) bool {
	whole, part, _ := strings.Cut(amount, ".")
	if len(whole) > 9 || len(part) > 3 || whole == "" || strings.Trim(whole+part, "0123456789") != "" {
		return false
	}
	return strings.Trim(whole+part, "0") != ""
}

// trim keeps a draft's free parts within bounds.
func (c *Content) trim() {
	if runes := []rune(c.Caption); len(runes) > maxCaption {
		c.Caption = string(runes[:maxCaption])
	}
	if len(c.Media) > maxMedia {
		c.Media = c.Media[:maxMedia]
	}
}

// OpenDraft begins a draft of somebody's for a cooperative. Who may not act there is refused as MayAct does, content that cannot be
// sold as it is with "listing.…".
func OpenDraft(ctx context.Context, tx pgx.Tx, cooperativeID, personID int64, content Content, now time.Time) (Listing, error) {
	if _, err := MayAct(ctx, tx, personID, cooperativeID); err != nil {
		return Listing{}, err
	}
	content.trim()
	if err := content.check(); err != nil {
		return Listing{}, err
	}
	d := Listing{CooperativeID: cooperativeID, PersonID: personID, Content: content, Status: "open", CreatedAt: now, UpdatedAt: now}
	var err error
	d.ID, _, err = rows.Value[int64](ctx, tx, "open a draft", openDraft, rows.Args{"cooperative": cooperativeID, "person": personID, "content": content, "now": now})
	return d, err
}

const openDraft = `INSERT INTO draft (cooperative_id, person_id, content, created_at, updated_at) VALUES (@cooperative, @person, @content, @now, @now) RETURNING id`

// LoadDraft returns a draft; pgx.ErrNoRows, wrapped, where there is none.
func LoadDraft(ctx context.Context, tx pgx.Tx, id int64) (Listing, error) {
	return rows.One[Listing](ctx, tx, "load a draft", selectDraft+` WHERE id = @id`, rows.Args{"id": id})
}

const selectDraft = `SELECT id, cooperative_id, person_id, COALESCE(product_id, 0) AS product_id, content, status, created_at, updated_at FROM draft`

// OpenDrafts returns a person's open drafts that are not too old, the one touched last first.
func OpenDrafts(ctx context.Context, tx pgx.Tx, personID int64, now time.Time) ([]Listing, error) {
	return rows.All[Listing](ctx, tx, "list open drafts", selectDraft+` WHERE person_id = @person AND status = 'open' AND updated_at > @since
		AND EXISTS (SELECT FROM member m WHERE m.cooperative_id = draft.cooperative_id AND m.person_id = draft.person_id AND m.removed_at IS NULL)
		ORDER BY updated_at DESC, id DESC LIMIT @limit`, rows.Args{"person": personID, "since": now.Add(-DraftLife), "limit": draftsShown})
}

// SaveDraft keeps what a draft says now. One that is not open any longer is refused with "listing.closed"; who may not act, and
// content that cannot be sold as it is, as OpenDraft does.
func SaveDraft(ctx context.Context, tx pgx.Tx, d Listing, now time.Time) error {
	if _, err := MayAct(ctx, tx, d.PersonID, d.CooperativeID); err != nil {
		return err
	}
	d.Content.trim()
	if err := d.Content.check(); err != nil {
		return err
	}
	saved, err := rows.Exec(ctx, tx, "save a draft", saveDraft, rows.Args{"id": d.ID, "product": d.ProductID, "content": d.Content, "now": now})
	if err == nil && saved == 0 {
		return sorry.New("listing.closed", nil)
	}
	return err
}

const saveDraft = `UPDATE draft SET content = @content, product_id = NULLIF(@product::bigint, 0), updated_at = @now WHERE id = @id AND status = 'open'`

// DropDraft gives a draft up; one that is closed stays as it is.
func DropDraft(ctx context.Context, tx pgx.Tx, id int64, now time.Time) error {
	_, err := rows.Exec(ctx, tx, "drop a draft", `UPDATE draft SET status = 'dropped', updated_at = @now WHERE id = @id AND status = 'open'`,
		rows.Args{"id": id, "now": now})
	return err
}

// ExpireDrafts drops at most limit drafts that nobody came back to, and returns how many.
func ExpireDrafts(ctx context.Context, tx pgx.Tx, limit int, now time.Time) (int, error) {
	n, err := rows.Exec(ctx, tx, "drop idle drafts", expireDrafts, rows.Args{"before": now.Add(-DraftLife), "limit": limit})
	return int(n), err
}

const expireDrafts = `UPDATE draft SET status = 'dropped' WHERE id IN (
	SELECT id FROM draft WHERE status = 'open' AND updated_at <= @before ORDER BY id LIMIT @limit FOR UPDATE SKIP LOCKED)`

// Twin returns the own product that a title is also the name of, however it is spelt and in whichever language: 0 where there is
// none. Archived ones are none.
func Twin(ctx context.Context, tx pgx.Tx, cooperativeID int64, title Words) (int64, error) {
	type own struct {
		ID    int64
		Title Words
	}
	products, err := rows.All[own](ctx, tx, "look for a product of the same name", ownTitles, rows.Args{"cooperative": cooperativeID})
	if err != nil {
		return 0, err
	}
	means := map[string]bool{}
	for _, t := range title {
		if m := meaning(t); m != "" {
			means[m] = true
		}
	}
	for _, p := range products {
		for _, t := range p.Title {
			if means[meaning(t)] {
				return p.ID, nil
			}
		}
	}
	return 0, nil
}

const ownTitles = `SELECT id, title FROM product WHERE cooperative_id = @cooperative AND status IN ('published', 'paused', 'pending_review') ORDER BY id DESC`

// SameGoods tells whether two titles name the same goods, in whatever spelling, alphabet and order.
func SameGoods(a, b string) bool {
	m := meaning(a)
	return m != "" && m == meaning(b)
}

// meaning is what a title says, as concepts of the glossary and the words it does not know, in no order.
func meaning(title string) string {
	words := keyedWords(title)
	var said []string
	for i := 0; i < len(words); {
		if concept, n := theGlossary().at(words, i, len(words)); n > 0 {
			said = append(said, conceptMark+concept)
			i += n
			continue
		}
		said = append(said, words[i])
		i++
	}
	slices.Sort(said)
	return strings.Join(slices.Compact(said), " ")
}

// samePack tells whether two sizes are one: 0.5 kg is 500 g.
func samePack(amount, unit, otherAmount, otherUnit string) bool {
	a, base := inBase(amount, unit)
	b, otherBase := inBase(otherAmount, otherUnit)
	return a == b && base == otherBase && a > 0
}

func inBase(amount, unit string) (int64, locales.Unit) {
	value, err := strconv.ParseFloat(amount, 64)
	if err != nil {
		return 0, locales.NoUnit
	}
	return locales.Quantity{Amount: value, Unit: locales.Unit(unit)}.Base()
}
