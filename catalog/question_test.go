package catalog_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/postgres"
	"souk/internal/sorry"
)

func TestAQuestionIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	var buyer, first, second, coop, product int64
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT min(id) FROM product WHERE status = 'published'`).Scan(&product); err != nil {
			return err
		}
		for _, id := range []*int64{&buyer, &first, &second} {
			if err := tx.QueryRow(ctx, `INSERT INTO person (lang, created_at) VALUES ('fr', $1) RETURNING id`, noon).Scan(id); err != nil {
				return err
			}
		}
		if err := tx.QueryRow(ctx, `SELECT cooperative_id FROM product WHERE id = $1`, product).Scan(&coop); err != nil {
			return err
		}
		for _, id := range []int64{first, second} {
			if err := catalog.AddMember(ctx, tx, coop, id, catalog.Seller, 0, noon); err != nil {
				return err
			}
		}
		return nil
	})
	var q catalog.Question
	m.do(func(ctx context.Context, tx pgx.Tx) (err error) {
		if _, err := catalog.Ask(ctx, tx, first, product, "Est-ce bon ?", noon); !sorry.Is(err, "question.own") {
			t.Errorf("a member asks: %v", err)
		}
		q, err = catalog.Ask(ctx, tx, buyer, product, "C'est pur ? 06 12 34 56 78", noon)
		return err
	})
	if q.Body != "C'est pur ? "+catalog.HiddenContact {
		t.Errorf("the sellers read %q", q.Body)
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		same, err := catalog.Ask(ctx, tx, buyer, product, "C'est pur ? 06 12 34 56 78", noon)
		if err == nil && same.ID != q.ID {
			t.Errorf("asked twice: %d and %d", q.ID, same.ID)
		}
		return err
	})
	answered, late := 0, 0
	var mu sync.Mutex
	var wait sync.WaitGroup
	for _, person := range []int64{first, second} {
		wait.Go(func() {
			err := postgres.Tx(t.Context(), m.pool, func(tx pgx.Tx) error {
				_, err := catalog.Answer(t.Context(), tx, person, q.ID, "Oui.", noon)
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				answered++
			case sorry.Is(err, "question.answered"):
				late++
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if answered != 1 || late != 1 {
		t.Errorf("%d answered, %d came late", answered, late)
	}
	m.do(func(ctx context.Context, tx pgx.Tx) error {
		n, err := catalog.EscalateQuestions(ctx, tx, 10, noon.Add(48*time.Hour))
		if err == nil && n != 0 {
			t.Errorf("%d answered questions were handed on", n)
		}
		return err
	})
}

func TestReportsTakeAListingOffTheShelves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reasons []catalog.ReportReason
		want    string
	}{
		"two people":   {[]catalog.ReportReason{catalog.WrongPrice, catalog.OtherReasons}, catalog.Published},
		"three people": {[]catalog.ReportReason{catalog.WrongPrice, catalog.OtherReasons, catalog.NotAsShown}, catalog.PendingReview},
		"harm":         {[]catalog.ReportReason{catalog.Unsafe}, catalog.PendingReview},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMarket(t)
			var product int64
			m.do(func(ctx context.Context, tx pgx.Tx) error {
				if err := tx.QueryRow(ctx, `SELECT min(id) FROM product WHERE status = 'published'`).Scan(&product); err != nil {
					return err
				}
				for _, reason := range c.reasons {
					var person int64
					if err := tx.QueryRow(ctx, `INSERT INTO person (lang, created_at) VALUES ('fr', $1) RETURNING id`, noon).Scan(&person); err != nil {
						return err
					}
					for i := range 2 {
						again, err := catalog.Report(ctx, tx, person, product, reason, "", noon)
						if err != nil {
							return err
						}
						if again != (i == 1) {
							t.Errorf("report %d of one person: again is %v", i+1, again)
						}
					}
				}
				return nil
			})
			var status string
			if err := m.pool.QueryRow(t.Context(), `SELECT status FROM product WHERE id = $1`, product).Scan(&status); err != nil || status != c.want {
				t.Errorf("it is %s (%v), want %s", status, err, c.want)
			}
		})
	}
}
