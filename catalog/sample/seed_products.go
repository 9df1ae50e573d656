package sample

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"souk/catalog"
	"souk/internal/rows"
)

const photoSide = 640 // points, both ways

func pictureKey(photo string) string { return "sample/" + photo + ".png" }

// storePictures puts every picture into the store before any row names it. One that is there already, of the same size, stays.
func storePictures(ctx context.Context, photos catalog.PhotoStore, data *Data) error {
	stored := map[string]bool{}
	for _, product := range data.Products {
		if stored[product.Photo] {
			continue
		}
		stored[product.Photo] = true
		if err := storePicture(ctx, photos, product.Photo); err != nil {
			return fmt.Errorf("store sample picture %s: %w", product.Photo, err)
		}
	}
	return nil
}

func storePicture(ctx context.Context, photos catalog.PhotoStore, name string) error {
	picture, err := Picture(name)
	if err != nil {
		return err
	}
	there, size, err := photos.Open(ctx, pictureKey(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := there.Close(); err != nil {
			return err
		}
		if size == int64(len(picture)) {
			return nil
		}
	}
	return photos.Put(ctx, pictureKey(name), bytes.NewReader(picture))
}

func (w *writer) products(data *Data) {
	numbers := map[string]string{} // of documents, by cooperative and label
	for _, c := range data.Cooperatives {
		for _, d := range c.Documents {
			numbers[c.Key+" "+d.Label] = d.Number
		}
	}
	coops := map[string]string{}
	for _, c := range data.Cooperatives {
		coops[c.Key] = c.Code
	}
	for _, p := range data.Products {
		w.put(putProduct, rows.Args{"code": p.Code, "coop": coops[p.Cooperative], "category": p.Category, "title": w.words(p.Fr, p.Ar),
			"description": w.words(p.AboutFr, p.AboutAr), "aliases": p.Aliases, "label": numbers[p.Cooperative+" "+p.Label], "now": w.now})
		for i, pack := range p.Packs {
			w.put(putVariant, rows.Args{"code": p.Code, "position": i + 1, "amount": pack.Size.Amount, "unit": pack.Size.Unit, "price": pack.Dh * centimes})
			w.put(openStock, rows.Args{"code": p.Code, "position": i + 1, "stock": pack.Stock, "now": w.now})
		}
		w.put(putPhoto, rows.Args{"code": p.Code, "key": pictureKey(p.Photo), "side": photoSide, "now": w.now})
	}
}

// A product that was not changed since it was written has two equal times.
const putProduct = `INSERT INTO product (code, cooperative_id, category_id, region_code, title, description, label_id, status, aliases, created_at, updated_at)
	SELECT @code, c.id, @category, c.region_code, @title, @description,
		(SELECT d.id FROM compliance_document d WHERE d.cooperative_id = c.id AND d.number = @label AND d.kind <> 'onssa'),
		'published', @aliases, @now, @now
	FROM cooperative c WHERE c.code = @coop
	ON CONFLICT (code) DO UPDATE SET cooperative_id = excluded.cooperative_id, category_id = excluded.category_id, region_code = excluded.region_code,
		title = excluded.title, description = excluded.description, label_id = excluded.label_id, aliases = excluded.aliases
	WHERE product.updated_at = product.created_at`

const putVariant = `INSERT INTO variant (product_id, position, pack_amount, pack_unit, price)
	SELECT p.id, @position, @amount, @unit, @price FROM product p WHERE p.code = @code AND p.updated_at = p.created_at
	ON CONFLICT (product_id, position) DO UPDATE SET pack_amount = excluded.pack_amount, pack_unit = excluded.pack_unit, price = excluded.price`

const openStock = `WITH opened AS (
		INSERT INTO stock (variant_id, on_hand)
		SELECT v.id, @stock FROM variant v JOIN product p ON p.id = v.product_id WHERE p.code = @code AND v.position = @position
		ON CONFLICT (variant_id) DO NOTHING
		RETURNING variant_id, on_hand)
	INSERT INTO stock_movement (variant_id, change, reason, reference, created_at)
	SELECT variant_id, on_hand, 'opening', 'sample', @now FROM opened WHERE on_hand > 0`

// Only a picture of ours makes way for another of ours.
const putPhoto = `INSERT INTO photo (product_id, position, key, width, height, created_at)
	SELECT id, 1, @key, @side, @side, @now FROM product WHERE code = @code
	ON CONFLICT (product_id, position) DO UPDATE SET key = excluded.key WHERE photo.key LIKE 'sample/%'`
