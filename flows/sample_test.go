package flows_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/catalog/sample"
	"souk/flows/flowstest"
	"souk/internal/postgres"
	"souk/internal/postgres/pgtest"
)

// With the sample souk too, where a product comes in several packs and Casablanca has several relays, a new buyer hears at most six
// messages from naming a product to the receipt, and by SMS few segments.
func TestSixMessagesAreEnoughInTheSampleSouk(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	photos, err := catalog.OpenDiskPhotos(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := sample.Seed(t.Context(), pool, photos, flowstest.Start()); err != nil {
		t.Fatal(err)
	}
	stage := flowstest.NewStageOn(t, pool, asSMS)
	stage.Driver = flowstest.NewDirect(t, stage, func(string) {})
	buyers := 0
	for lang, segments := range map[string]int{"fr": 8, "ar": 14} {
		names := inSeveralPacks(t, pool, lang)
		for _, channel := range []string{"telegram", "whatsapp", "sms"} {
			for _, name := range names {
				buyers++
				at := fmt.Sprintf("%s on %s", name, channel)
				stage.Happen(t, at, "the count begins")
				stage.Enter(t, at, fmt.Sprintf("buyer%d %s %s", buyers, channel, lang))
				for _, line := range []string{name, "1", map[string]string{"fr": "Casablanca", "ar": "الدار البيضاء"}[lang], "1"} {
					stage.Do(t, at, line)
				}
				if channel == "telegram" {
					stage.Do(t, at, "(contact)")
				}
				stage.Do(t, at, "1")
				stage.Assert(t, at, "said at most 6")
				if channel == "sms" {
					stage.Assert(t, at, fmt.Sprintf("segments at most %d", segments))
				}
				stage.Assert(t, at, fmt.Sprintf("purchases %d", buyers))
				if t.Failed() {
					t.Fatal(stage.Heard())
				}
			}
		}
	}
}

// inSeveralPacks names some products of the souk that come in several packs, each found by its whole name alone.
func inSeveralPacks(t *testing.T, pool postgres.Beginner, lang string) (names []string) {
	t.Helper()
	const some = 5
	err := postgres.Tx(context.Background(), pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT p.title->>$1 FROM product p JOIN variant v ON v.product_id = p.id JOIN stock s ON s.variant_id = v.id
			WHERE p.status = 'published' GROUP BY p.id HAVING count(*) > 1 AND min(s.on_hand) > 10 ORDER BY p.id`, lang)
		if err != nil {
			return err
		}
		titles, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, title := range titles {
			ids, err := catalog.Find(t.Context(), tx, title, catalog.Scope{}, 2, flowstest.Start())
			if err != nil {
				return err
			}
			if len(ids) == 1 && len(names) < some {
				names = append(names, title)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < some {
		t.Fatalf("only %q", names)
	}
	return names
}
