package orders_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/orders"
)

func TestWhatIsOrderedIsCountedOnceAndLater(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 4)
	p, honey, bowl := placed(m)
	ordered := func(variant int64) int64 {
		return m.number(`SELECT p.ordered_count FROM product p JOIN variant v ON v.product_id = p.id WHERE v.id = $1`, variant)
	}
	if n := ordered(honey); n != 0 {
		t.Errorf("counted %d times while it was placed", n)
	}
	count := func() (counted int) {
		m.do(func(tx pgx.Tx) (err error) {
			counted, err = orders.CountOrders(context.Background(), tx, 10)
			return err
		})
		return counted
	}
	if n := count(); n != 1 {
		t.Errorf("%d purchases were counted, want 1", n)
	}
	m.place(p.ID, thursday.Add(2*time.Minute)) // a second yes
	buyer := m.buyer()
	m.add(buyer, honey, 1)
	m.hold(buyer, thursday) // no order yet
	if n := count(); n != 0 {
		t.Errorf("%d purchases were counted again", n)
	}
	if ordered(honey) != 1 || ordered(bowl) != 1 {
		t.Errorf("honey %d, bowl %d: two jars in one purchase count once", ordered(honey), ordered(bowl))
	}
}
