package sample

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/postgres"
	"souk/internal/rows"
)

// Documents are verified at seeding and good for so long after it.
const documentYears = 3

// seedLock keeps two seedings of one database apart.
const seedLock = `SELECT pg_advisory_xact_lock(hashtextextended('souk/sample', 0))`

// Seed writes the sample into a migrated database, in one transaction. It is the same every time, and twice is once: rows are
// found again by their codes. Places, shelves, cooperatives and relays follow the files; a product that somebody has changed since
// is theirs and stays as it is, and stock is set only when a pack is first written, so that nothing sold comes back.
func Seed(ctx context.Context, db postgres.Beginner, photos catalog.PhotoStore, now time.Time) error {
	data, err := Load()
	if err != nil {
		return err
	}
	if err := storePictures(ctx, photos, data); err != nil {
		return err
	}
	return postgres.Tx(ctx, db, func(tx pgx.Tx) error {
		if _, err := rows.Exec(ctx, tx, "lock the sample", seedLock, rows.Args{}); err != nil {
			return err
		}
		w := writer{now: now}
		w.places(data)
		w.cooperatives(data)
		w.products(data)
		w.relays(data)
		if w.err != nil {
			return w.err
		}
		if err := tx.SendBatch(ctx, &w.batch).Close(); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		codes := make([]string, len(data.Products))
		for i, product := range data.Products {
			codes[i] = product.Code
		}
		ids, err := rows.Values[int64](ctx, tx, "list seeded products", `SELECT id FROM product WHERE code = ANY(@codes)`, rows.Args{"codes": codes})
		if err != nil {
			return err
		}
		return catalog.Reindex(ctx, tx, ids...)
	})
}

// writer collects statements, each of which may run again without harm.
type writer struct {
	batch pgx.Batch
	now   time.Time
	err   error
}

func (w *writer) put(sql string, args rows.Args) { w.batch.Queue(sql, args) }

// words is a jsonb of both languages.
func (w *writer) words(fr, ar string) json.RawMessage {
	text, err := json.Marshal(catalog.Words{"fr": fr, "ar": ar})
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("seed: write words: %w", err)
	}
	return text
}

const centimes = 100

func (w *writer) places(data *Data) {
	for _, r := range data.Regions {
		w.put(putRegion, rows.Args{"code": r.Code, "name": w.words(r.Fr, r.Ar), "home": r.HomeFeeDh * centimes, "relay": r.RelayFeeDh * centimes})
		for _, t := range r.Towns {
			w.put(putTown, rows.Args{"id": t.ID, "region": r.Code, "name": w.words(t.Fr, t.Ar), "keys": catalog.TownKeys(append([]string{t.Fr, t.Ar}, t.Aliases...)...)})
		}
	}
	for i, c := range data.Categories {
		w.put(putCategory, rows.Args{"id": c.ID, "name": w.words(c.Fr, c.Ar), "food": c.Food, "icon": c.Icon, "position": i})
	}
}

const putRegion = `INSERT INTO region (code, name, delivery_fee, relay_fee) VALUES (@code, @name, @home, @relay)
	ON CONFLICT (code) DO UPDATE SET name = excluded.name, delivery_fee = excluded.delivery_fee, relay_fee = excluded.relay_fee`

const putTown = `INSERT INTO town (id, region_code, name, search_keys) VALUES (@id, @region, @name, @keys)
	ON CONFLICT (id) DO UPDATE SET region_code = excluded.region_code, name = excluded.name, search_keys = excluded.search_keys`

const putCategory = `INSERT INTO category (id, name, food, icon, position) VALUES (@id, @name, @food, @icon, @position)
	ON CONFLICT (id) DO UPDATE SET name = excluded.name, food = excluded.food, icon = excluded.icon, position = excluded.position`

func (w *writer) cooperatives(data *Data) {
	labels := map[string]Label{}
	for _, label := range data.Labels {
		labels[label.Key] = label
	}
	for _, c := range data.Cooperatives {
		w.put(putCooperative, rows.Args{"code": c.Code, "name": w.words(c.Fr, c.Ar), "story": w.words(c.StoryFr, c.StoryAr), "town": c.Town,
			"phone": c.Members[0].Phone, "now": w.now})
		if c.ONSSA != "" {
			w.document(c.Code, "onssa", c.ONSSA, w.words("Autorisation ONSSA", "ترخيص أونسا"))
		}
		for _, d := range c.Documents {
			label := labels[d.Label]
			w.document(c.Code, label.Kind, d.Number, w.words(label.Fr, label.Ar))
		}
		for _, m := range c.Members {
			w.put(putPerson, rows.Args{"name": m.Name, "lang": m.Lang, "phone": m.Phone, "now": w.now})
			w.put(putMember, rows.Args{"code": c.Code, "phone": m.Phone, "role": m.Role, "now": w.now})
		}
	}
}

// A cooperative that was suspended stays so: its status is an operator's.
const putCooperative = `INSERT INTO cooperative (code, name, story, region_code, town_id, phone, status, created_at, trusted_at)
	SELECT @code, @name, @story, t.region_code, t.id, @phone, 'active', @now, @now FROM town t WHERE t.id = @town
	ON CONFLICT (code) DO UPDATE SET name = excluded.name, story = excluded.story, region_code = excluded.region_code,
		town_id = excluded.town_id, phone = excluded.phone`

func (w *writer) document(coop, kind, number string, title json.RawMessage) {
	w.put(putDocument, rows.Args{"code": coop, "kind": kind, "number": number, "title": title, "now": w.now,
		"expires": w.now.AddDate(documentYears, 0, 0)})
}

const putDocument = `INSERT INTO compliance_document (cooperative_id, kind, number, title, status, expires_on, created_at)
	SELECT c.id, @kind, @number, @title, 'verified', @expires::timestamptz::date, @now FROM cooperative c WHERE c.code = @code
	ON CONFLICT (cooperative_id, kind, number) DO UPDATE SET title = excluded.title`

const putPerson = `INSERT INTO person (name, lang, phone, created_at)
	SELECT @name::text, @lang, @phone::text, @now WHERE NOT EXISTS (SELECT FROM person WHERE phone = @phone)`

const putMember = `INSERT INTO member (cooperative_id, person_id, role, created_at)
	SELECT c.id, (SELECT min(id) FROM person WHERE phone = @phone), @role, @now FROM cooperative c WHERE c.code = @code
	ON CONFLICT (cooperative_id, person_id) DO NOTHING`

func (w *writer) relays(data *Data) {
	for _, r := range data.Relays {
		w.put(putRelay, rows.Args{"code": r.Code, "town": r.Town, "name": w.words(r.Fr, r.Ar), "address": w.words(r.AddressFr, r.AddressAr),
			"hours": w.words(r.HoursFr, r.HoursAr), "phone": r.Phone, "latitude": r.Latitude, "longitude": r.Longitude, "now": w.now})
	}
}

const putRelay = `INSERT INTO relay (code, town_id, name, address, hours, phone, latitude, longitude, created_at)
	VALUES (@code, @town, @name, @address, @hours, @phone, @latitude, @longitude, @now)
	ON CONFLICT (code) DO UPDATE SET town_id = excluded.town_id, name = excluded.name, address = excluded.address, hours = excluded.hours,
		phone = excluded.phone, latitude = excluded.latitude, longitude = excluded.longitude`
