package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/people"
)

// Own is a product as those who sell it see it, on sale or not.
type Own struct {
	ID     int64
	Code   string
	Title  Words
	Status string
	Packs  []OwnPack `db:"-"`
}

// OwnPack is one pack of it.
type OwnPack struct {
	VariantID  int64
	ProductID  int64
	PackAmount string
	PackUnit   string
	Price      int64
	OnHand     int64
	Allocated  int64
}

// LoadOwn returns a product with its packs, archived ones left out; pgx.ErrNoRows, wrapped, where there is none.
func LoadOwn(ctx context.Context, tx pgx.Tx, productID int64) (Own, error) {
	own, err := rows.One[Own](ctx, tx, "load an own product", `SELECT id, code, title, status FROM product WHERE id = @id`, rows.Args{"id": productID})
	if err != nil {
		return Own{}, err
	}
	own.Packs, err = rows.All[OwnPack](ctx, tx, "load an own product's packs", ownPacks, rows.Args{"id": productID})
	return own, err
}

const ownPacks = `SELECT v.id AS variant_id, v.product_id, trim_scale(v.pack_amount)::text AS pack_amount, v.pack_unit, v.price, s.on_hand, s.allocated
	FROM variant v JOIN stock s ON s.variant_id = v.id WHERE v.product_id = @id AND v.archived_at IS NULL ORDER BY v.position`

// update changes the own product that the draft is about: the price and the stock of packs that it has, packs that it has not, and
// pictures. What was not said stays.
func (p *publishing) update(ctx context.Context) error {
	own, err := LoadOwn(ctx, p.tx, p.draft.ProductID)
	if err != nil {
		return err
	}
	p.out = Publication{ProductID: own.ID, Code: own.Code, Title: own.Title, Status: own.Status, Updated: true}
	last, _, err := rows.Value[int](ctx, p.tx, "count packs", `SELECT COALESCE(max(position), 0) FROM variant WHERE product_id = @id`, rows.Args{"id": own.ID})
	if err != nil {
		return err
	}
	for _, pack := range p.draft.Content.Packs {
		at := own.with(pack)
		if at < 0 {
			last++
			err = p.pack(ctx, last, pack)
		} else {
			err = p.change(ctx, own.Packs[at], pack)
		}
		if err != nil {
			return err
		}
	}
	if err := p.pictures(ctx); err != nil {
		return err
	}
	return p.actor.Record(ctx, p.tx, people.Event{Name: "product.relisted", Subject: fmt.Sprintf("product/%d", own.ID),
		Data: map[string]any{"draft": p.draft.ID}, At: p.now})
}

// with returns which pack of the product is of the same size: 0.5 kg is 500 g.
func (o Own) with(pack Pack) int {
	for i, own := range o.Packs {
		if samePack(own.PackAmount, own.PackUnit, pack.Amount, pack.Unit) {
			return i
		}
	}
	return -1
}

// change brings one pack to the price and the stock that were said.
func (p *publishing) change(ctx context.Context, own OwnPack, said Pack) error {
	if said.Price > 0 && said.Price != own.Price {
		if err := p.reprice(ctx, own, said.Price); err != nil {
			return err
		}
	}
	for _, tier := range said.Tiers {
		if _, err := rows.Exec(ctx, p.tx, "add a price from a number on", insertTier,
			rows.Args{"variant": own.VariantID, "from": tier.From, "price": tier.Price}); err != nil {
			return err
		}
	}
	if said.Stock == nil {
		return nil
	}
	// What stands on the shelf is what was counted; what buyers were promised of it is among that.
	return Correct(ctx, p.tx, own.VariantID, *said.Stock-own.OnHand, Correction, p.reference(), p.actor.PersonID, p.now)
}

func (p *publishing) reprice(ctx context.Context, own OwnPack, price int64) error {
	_, err := SetPrice(ctx, p.tx, own.VariantID, price, p.actor, p.now)
	return err
}

// Fill takes over from an own product what a draft that changes it does not say: the price and the stock of the packs it names. A
// draft that names no size, of a product with one pack, means that pack.
func (c *Content) Fill(own Own) {
	if len(own.Packs) == 1 && len(c.Packs) == 1 && c.Packs[0].Amount == "" {
		c.Packs[0].Amount, c.Packs[0].Unit = own.Packs[0].PackAmount, own.Packs[0].PackUnit
	}
	for i, pack := range c.Packs {
		at := own.with(pack)
		if at < 0 || pack.Amount == "" {
			continue
		}
		if pack.Price == 0 {
			c.Packs[i].Price = own.Packs[at].Price
		}
		if pack.Stock == nil {
			stock := own.Packs[at].OnHand
			c.Packs[i].Stock = &stock
		}
	}
}
