package catalog_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"souk/catalog"
	"souk/catalog/sample"
	"souk/internal/postgres"
	"souk/internal/postgres/pgtest"
)

const manyProducts = 100_000

// What is typed at the bench: plain and misspelt, of one word and of several, in every script; wide ("زيت", of which there are tens
// of thousands), narrow, and nothing at all.
var typed = []string{
	"miel", "عسل", "3sel", "mile", "meil", "miel de thym", "عسل الزعتر", "3sel zaatar", "miel oranger", "l3sel", "miel d'euphorbe azilal",
	"huile", "زيت", "zit", "huile d'olive", "زيت العود", "zit l3oud", "zit zitoun", "huile dolive", "huile d'argan", "zit argan", "أركان", "argna", "argan cosmetique",
	"huile de figue de barbarie", "الهندية", "amlou", "أملو", "amlo louz", "dattes", "tmer", "تمر المجهول", "mejhoul", "datte medjool 1 kg", "bouffegous",
	"safran", "زعفران", "zaafran", "safrn", "cumin", "kamoun", "ras el hanout", "couscous", "seksou", "كسكس", "couscousse", "tapis", "زربية", "zerbia", "tapi berber",
	"savon noir", "saboun beldi", "ghassoul", "gassoul", "الحنة", "henné", "eau de rose", "ma lward", "confiture", "fromage", "figues", "كرموس", "amandes", "louz",
	"beldi", "بلدي", "artisanal", "تقليدي", "fait main", "de montagne", "premier choix", "marrakech", "مراكش", "taliouine", "tafraout", "chefchaouen", "fes", "souss",
	"babouche", "blgha", "tajine", "طاجين", "panier", "poterie de safi", "chocolat", "ordinateur", "xyzzy", "cadeau pour ma mère", "du bon miel pas cher svp", "a", "12",
}

// BenchmarkSearch measures Search, cards included, over 100,000 products on top of the sample: p50, p95 and p99 over everything
// typed, everywhere, within a region, within a category.
func BenchmarkSearch(b *testing.B) {
	pool := bigSouk(b)
	scopes := []struct {
		name  string
		scope catalog.Scope
	}{{"everywhere", catalog.Scope{}}, {"region", catalog.Scope{Region: "MA-09"}}, {"category", catalog.Scope{Category: "huiles"}}}
	for _, s := range scopes {
		b.Run(s.name, func(b *testing.B) {
			measure(b, pool, func(tx pgx.Tx, query string) error {
				_, err := catalog.Search(b.Context(), tx, query, s.scope, 10, noon)
				return err
			})
		})
	}
	b.Run("suggest", func(b *testing.B) {
		nothing := []string{"miel de chocolat", "huile de lavande safi amlou", "savon dattes", "xyzzy", "عسل الشكلاط والحديد"}
		measure(b, pool, func(tx pgx.Tx, query string) error {
			_, err := catalog.Suggest(b.Context(), tx, nothing[len(query)%len(nothing)], 10, noon)
			return err
		})
	})
}

// BenchmarkBrowse measures the lists that buyers page through over the same products.
func BenchmarkBrowse(b *testing.B) {
	pool := bigSouk(b)
	for name, do := range map[string]func(tx pgx.Tx) error{
		"shelf of a region": func(tx pgx.Tx) error {
			_, _, err := catalog.Browse(b.Context(), tx, catalog.Scope{Region: "MA-09", Category: "huiles"}, catalog.Page{Limit: 5, Offset: 10}, noon)
			return err
		},
		"shelves of a region": func(tx pgx.Tx) error {
			_, err := catalog.Categories(b.Context(), tx, "MA-09", noon)
			return err
		},
		"code": func(tx pgx.Tx) error {
			_, err := catalog.ByCode(b.Context(), tx, "p 1", noon)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) { measure(b, pool, func(tx pgx.Tx, _ string) error { return do(tx) }) })
	}
}

func bigSouk(b *testing.B) *pgxpool.Pool {
	b.Helper()
	pool := pgtest.New(b)
	photos, err := catalog.OpenDiskPhotos(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := photos.Close(); err != nil {
			b.Error(err)
		}
	}()
	if err := sample.Seed(b.Context(), pool, photos, noon); err != nil {
		b.Fatal(err)
	}
	if err := sample.Many(b.Context(), pool, manyProducts, 1, noon); err != nil {
		b.Fatal(err)
	}
	// The tests' cluster never vacuums by itself; a real one would have by now.
	conn, err := pool.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	for _, sql := range []string{"SET statement_timeout = 0", "VACUUM ANALYZE", "RESET statement_timeout"} {
		if _, err := conn.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	return pool
}

// measure runs do with one query after the other, each in a transaction of its own as a turn would, and reports percentiles.
func measure(b *testing.B, pool *pgxpool.Pool, do func(tx pgx.Tx, query string) error) {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 1))
	run := func(query string) time.Duration {
		started := time.Now()
		var took time.Duration
		err := postgres.Tx(b.Context(), pool, func(tx pgx.Tx) error {
			started = time.Now()
			defer func() { took = time.Since(started) }()
			return do(tx, query)
		})
		if err != nil {
			b.Fatal(fmt.Errorf("%q: %w", query, err))
		}
		return took
	}
	for _, query := range typed { // statements prepared, pages read
		run(query)
	}
	var took []time.Duration
	for b.Loop() {
		took = append(took, run(typed[random.IntN(len(typed))]))
	}
	slices.Sort(took)
	for name, share := range map[string]float64{"p50-ms": 0.50, "p95-ms": 0.95, "p99-ms": 0.99} {
		at := took[min(int(share*float64(len(took))), len(took)-1)]
		b.ReportMetric(float64(at.Microseconds())/1000, name)
	}
}
