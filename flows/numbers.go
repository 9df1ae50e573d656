package flows

import (
	"context"

	"souk/catalog"
	"souk/locales"
	"souk/orders"
)

// saySales says how a member's cooperatives sell: today, this week, this month, what sells best, and what money is due and paid. Of
// several cooperatives it sums up, and offers each alone. On channels that show pictures a chart of the last days follows.
func saySales(ctx context.Context, t *Turn) (Result, error) {
	coops, err := actsFor(ctx, t)
	if err != nil {
		return Result{}, err
	}
	all := coops
	if t.Heard.Command == "sales" {
		for _, m := range coops {
			if m.Code == t.Heard.Argument {
				coops = []catalog.Membership{m}
			}
		}
	}
	if len(coops) == 0 {
		t.Say("sorry.member.not_allowed", nil)
		return Done()
	}
	n, err := orders.LoadNumbers(ctx, t.Tx, coopIDs(coops), t.Now)
	if err != nil {
		return Result{}, err
	}
	if len(coops) > 1 {
		t.Say("sales.head_all", locales.Args{"Count": len(coops)})
	} else {
		t.Say("sales.head", locales.Args{"maker": coops[0].Name.In(string(t.lang))})
	}
	sayNumbers(t, n)
	if len(all) > 1 {
		for _, m := range all {
			if len(coops) > 1 || m.CooperativeID != coops[0].CooperativeID {
				t.Offer("sales:"+m.Code, t.Text("sales.of", locales.Args{"maker": m.Name.In(string(t.lang))}))
			}
		}
	}
	return Done()
}

func sayNumbers(t *Turn, n orders.Numbers) {
	if n.Month.Orders == 0 && n.Due.Orders == 0 && n.Paid.Orders == 0 {
		t.Say("sales.none", nil)
		return
	}
	for _, s := range []struct {
		key, none string
		of        orders.Sales
	}{{"sales.today", "sales.today_none", n.Today}, {"sales.week", "sales.week_none", n.Week}, {"sales.month", "sales.month_none", n.Month}} {
		if s.of.Orders == 0 {
			t.Say(s.none, nil)
			continue
		}
		t.Say(s.key, locales.Args{"Count": s.of.Orders, "packs": s.of.Packs, "total": locales.Dirhams(s.of.Total)})
	}
	for i, b := range n.Best {
		if i == 0 {
			t.Say("sales.best", nil)
		}
		t.Say("sales.best_line", locales.Args{"n": i + 1, "title": catalog.Words(b.Title).In(string(t.lang)), "packs": b.Packs, "total": locales.Dirhams(b.Total)})
	}
	if n.Due.Orders > 0 {
		t.Say("sales.due", locales.Args{"Count": n.Due.Orders, "total": locales.Dirhams(n.Due.Total)})
	}
	if n.Paid.Orders > 0 {
		t.Say("sales.paid", locales.Args{"Count": n.Paid.Orders, "total": locales.Dirhams(n.Paid.Total)})
	}
}
