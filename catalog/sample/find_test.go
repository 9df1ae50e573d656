package sample

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"souk/catalog"
	"souk/internal/postgres"
)

func TestTownsAreFoundByWhatPeopleType(t *testing.T) {
	t.Parallel()
	pool, _ := seeded(t)
	tests := map[string]string{
		"Casablanca": "casablanca", "casa": "casablanca", "كازا": "casablanca", "dar beida": "casablanca", "الدار البيضا": "casablanca", "Dar El Beida": "casablanca",
		"casablnca": "casablanca", "f casa": "casablanca", "fes": "fes", "Fès": "fes", "فاس": "fes", "fez": "fes", "f fes": "fes",
		"benguerir": "benguerir", "ben guerir": "benguerir", "بنجرير": "benguerir", "ابن جرير": "benguerir", "بن جرير": "benguerir",
		"marrakech": "marrakech", "mrrakch": "marrakech", "مراكش": "marrakech", "kech": "marrakech", "à Marrakech": "marrakech",
		"agadir": "agadir", "اكادير": "agadir", "أغادير": "agadir", "laayoune": "laayoune", "l3youn": "laayoune", "العيون": "laayoune",
		"swira": "essaouira", "الصويره": "essaouira", "wejda": "oujda", "tanja": "tanger", "طنجة": "tanger", "meknes": "meknes", "مكناس": "meknes",
		"goulmima": "goulmima", "كلميم": "guelmim", "كلميمة": "goulmima", "tata": "tata", "taza": "taza", "salé": "sale", "سلا": "sale",
	}
	query(t, pool, func(tx pgx.Tx) error {
		for typed, want := range tests {
			found, err := catalog.FindTown(t.Context(), tx, typed)
			if err != nil {
				return err
			}
			if len(found) == 0 || found[0].ID != want {
				t.Errorf("%q leads to %+v, want %s", typed, found, want)
			}
		}
		return nil
	})
}

// Every name of every town, and all that people type for it, leads to that town before any other.
func TestEveryNameOfATownLeadsThere(t *testing.T) {
	t.Parallel()
	pool, _ := seeded(t)
	query(t, pool, func(tx pgx.Tx) error {
		for _, region := range load(t).Regions {
			for _, town := range region.Towns {
				for _, name := range append([]string{town.Fr, town.Ar}, town.Aliases...) {
					found, err := catalog.FindTown(t.Context(), tx, name)
					if err != nil {
						return err
					}
					if len(found) == 0 || found[0].ID != town.ID {
						t.Errorf("%q leads to %+v, want %s", name, found, town.ID)
					}
				}
			}
		}
		return nil
	})
}

// Whatever a product is called, in whichever alphabet, a search for it shows it among the first: more than one screen of the
// same thing is only honey, oil or couscous.
func TestEveryNameOfAProductFindsIt(t *testing.T) {
	t.Parallel()
	pool, _ := seeded(t)
	const shown = 20
	query(t, pool, func(tx pgx.Tx) error {
		for _, product := range load(t).Products {
			for _, name := range append([]string{product.Fr, product.Ar}, product.Aliases...) {
				cards, err := catalog.Search(t.Context(), tx, name, catalog.Scope{}, shown, thursday)
				if err != nil {
					return err
				}
				if !slices.ContainsFunc(cards, func(c catalog.Card) bool { return c.Code == product.Code }) {
					t.Errorf("%q does not find %s %s among %d", name, product.Code, product.Fr, len(cards))
				}
			}
		}
		return nil
	})
}

func query(t *testing.T, db postgres.Beginner, do func(pgx.Tx) error) {
	t.Helper()
	if err := postgres.Tx(t.Context(), db, do); err != nil {
		t.Fatal(err)
	}
}
