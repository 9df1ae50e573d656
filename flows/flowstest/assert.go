package flowstest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// Assert checks one fact about the database, or about how much was said:
//
//	stock P1 10                     packs that can still be ordered of its first variant
//	purchase placed, 1 part         the last purchase that was shown
//	parts accepted placed           its parts' statuses
//	amendments partial agreed       what buyers were asked
//	goods 36000                     what the last purchase's goods cost, in centimes
//	late 1, summary 19              matters about late orders; the speaker's hour
//	total 260                       what the last purchase costs, in dirhams
//	tickets talk 1                  open tickets of a kind of the speaker's
//	messages talk 2                 what the speaker wrote into them
//	notices order.new 1             ever written
//	cart P1 2, P3 1 / cart empty    the speaker's
//	members C1: Rosa manager, Aicha seller
//	application submitted, …        the speaker's last one, as far as it is answered
//	cooperative C1 active, acting Nadia for Rosa
//	baseline month 0, answered, 12, …  the one that was asked last
//	price P1 90, onhand P2 9 4      of a product's first variant, of all of them
//	status P1 paused, photo P1 1 sent, absent C1 2026-12-07
//	changes 2                       of shops, by the speaker
//	lang ar, phone +212…, stopped yes, waits P5 1
//	said at most 6, segments at most 8
func (s *Stage) Assert(t testing.TB, at, fact string) {
	t.Helper()
	what, want, _ := strings.Cut(strings.TrimSpace(fact), " ")
	var got string
	switch what {
	case "said":
		s.atMost(t, at, "messages", s.messages, want)
		return
	case "segments":
		s.atMost(t, at, "segments", s.segments, want)
		return
	case "stock":
		code, _, _ := strings.Cut(want, " ")
		got = code + " " + s.value(t, `SELECT (s.on_hand - s.allocated)::text FROM stock s JOIN variant v ON v.id = s.variant_id JOIN product p ON p.id = v.product_id
			WHERE p.code = $1 ORDER BY v.position LIMIT 1`, code)
	case "purchase":
		got = s.value(t, `SELECT p.status || ', ' || count(o.id) || CASE count(o.id) WHEN 1 THEN ' part' ELSE ' parts' END
			FROM purchase p JOIN coop_order o ON o.purchase_id = p.id WHERE p.id = (SELECT max(id) FROM purchase) GROUP BY p.id`)
	case "parts":
		got = s.value(t, `SELECT string_agg(status, ' ' ORDER BY code) FROM coop_order WHERE purchase_id = (SELECT max(id) FROM purchase)`)
	case "total":
		got = s.value(t, `SELECT ((goods_total + delivery_fee) / 100)::text FROM purchase ORDER BY id DESC LIMIT 1`)
	case "amendments": // of every order, in their order
		got = s.value(t, `SELECT coalesce(string_agg(kind || ' ' || status, ', ' ORDER BY id), 'none') FROM amendment`)
	case "goods": // of the last purchase, in centimes
		got = s.value(t, `SELECT goods_total::text FROM purchase ORDER BY id DESC LIMIT 1`)
	case "late": // matters about orders that nobody answers
		got = s.value(t, `SELECT count(*)::text FROM ticket WHERE kind = 'order' AND status = 'open'`)
	case "summary": // the hour that the speaker chose
		got = s.value(t, `SELECT coalesce(max(summary_hour)::text, 'none') FROM member WHERE person_id = $1`, s.person(t))
	case "receiver":
		got = s.value(t, `SELECT concat_ws(' ', receiver_name, receiver_phone) FROM purchase ORDER BY id DESC LIMIT 1`)
	case "delivery":
		got = s.value(t, `SELECT concat_ws(' ', delivery, town_id) FROM purchase ORDER BY id DESC LIMIT 1`)
	case "purchases":
		got = s.value(t, `SELECT count(*)::text FROM purchase WHERE placed_at IS NOT NULL`)
	case "tickets":
		kind, _, _ := strings.Cut(want, " ")
		got = kind + " " + s.value(t, `SELECT count(*)::text FROM ticket WHERE kind = $1 AND status = 'open' AND person_id = $2`, kind, s.person(t))
	case "messages":
		kind, _, _ := strings.Cut(want, " ")
		got = kind + " " + s.value(t, `SELECT count(*)::text FROM ticket_message m JOIN ticket k ON k.id = m.ticket_id WHERE k.kind = $1 AND k.person_id = $2 AND m.author = 'person'`, kind, s.person(t))
	case "notices":
		name, _, _ := strings.Cut(want, " ")
		got = name + " " + s.value(t, `SELECT count(*)::text FROM notice WHERE name = $1`, name)
	case "cart":
		got = s.value(t, `SELECT coalesce(string_agg(p.code || ' ' || l.quantity, ', ' ORDER BY p.id, v.position), 'empty')
			FROM cart_line l JOIN variant v ON v.id = l.variant_id JOIN product p ON p.id = v.product_id WHERE l.person_id = $1`, s.person(t))
	case "members":
		code, _, _ := strings.Cut(want, ":")
		got = code + ": " + s.value(t, `SELECT coalesce(string_agg(coalesce(p.name, '?') || ' ' || m.role, ', ' ORDER BY m.created_at, p.id), 'none') FROM member m JOIN person p ON p.id = m.person_id
			JOIN cooperative c ON c.id = m.cooperative_id WHERE c.code = $1 AND m.removed_at IS NULL`, code)
	case "application":
		got = s.value(t, `SELECT concat_ws(', ', status, name->>'fr', name->>'ar', town_id, register_number, products, jsonb_array_length(documents) || ' photos')
			FROM application WHERE person_id = $1 ORDER BY id DESC LIMIT 1`, s.person(t))
	case "cooperative":
		code, _, _ := strings.Cut(want, " ")
		got = code + " " + s.value(t, `SELECT status FROM cooperative WHERE code = $1`, code)
	case "acting":
		got = s.value(t, `SELECT coalesce(string_agg(h.name || ' for ' || m.name, ', '), 'none') FROM acting a JOIN person h ON h.id = a.helper_id
			JOIN person m ON m.id = a.member_id WHERE a.agreed_at IS NOT NULL AND a.ended_at IS NULL`)
	case "baseline":
		got = s.value(t, `SELECT concat_ws(', ', 'month ' || month, CASE WHEN declined_at IS NOT NULL THEN 'declined' WHEN answered_at IS NOT NULL THEN 'answered' ELSE 'asked' END,
				members, women, sales_band, array_to_string(sells_by, '+'), onssa) FROM baseline WHERE asked_at IS NOT NULL ORDER BY asked_at DESC LIMIT 1`)
	case "lang":
		got = s.value(t, `SELECT lang FROM person WHERE id = $1`, s.person(t))
	case "phone":
		got = s.value(t, `SELECT coalesce(phone, 'none') FROM person WHERE id = $1`, s.person(t))
	case "stopped":
		got = s.value(t, `SELECT CASE WHEN stopped_at IS NULL THEN 'no' ELSE 'yes' END FROM address WHERE id = $1`, s.address(t, s.current))
	case "blocked":
		got = s.value(t, `SELECT CASE WHEN blocked_at IS NULL THEN 'no' ELSE 'yes' END FROM address WHERE id = $1`, s.address(t, s.current))
	case "people":
		got = s.value(t, `SELECT count(*)::text FROM person`)
	case "questions": // each product's, with where it stands
		got = s.value(t, `SELECT coalesce(string_agg(p.code || ' ' || q.status || CASE WHEN q.on_card THEN ' on card' ELSE '' END, ', ' ORDER BY q.id), 'none') FROM question q JOIN product p ON p.id = q.product_id`)
	case "reports": // what each was about
		got = s.value(t, `SELECT coalesce(string_agg(p.code || ' ' || r.reason, ', ' ORDER BY r.id), 'none') FROM report r JOIN product p ON p.id = r.product_id`)
	case "price": // dirhams of its first variant
		code, _, _ := strings.Cut(want, " ")
		got = code + " " + s.value(t, `SELECT (v.price / 100)::text FROM variant v JOIN product p ON p.id = v.product_id WHERE p.code = $1 ORDER BY v.position LIMIT 1`, code)
	case "onhand":
		code, _, _ := strings.Cut(want, " ")
		got = code + " " + s.value(t, `SELECT string_agg(s.on_hand::text, ' ' ORDER BY v.position) FROM stock s JOIN variant v ON v.id = s.variant_id JOIN product p ON p.id = v.product_id
			WHERE p.code = $1 AND v.archived_at IS NULL`, code)
	case "status":
		code, _, _ := strings.Cut(want, " ")
		got = code + " " + s.value(t, `SELECT status FROM product WHERE code = $1`, code)
	case "photo":
		code, _, _ := strings.Cut(want, " ")
		got = code + " " + s.value(t, `SELECT count(*)::text || CASE WHEN bool_or(f.key LIKE 'photos/%') THEN ' sent' ELSE '' END FROM photo f JOIN product p ON p.id = f.product_id WHERE p.code = $1`, code)
	case "absent":
		code, _, _ := strings.Cut(want, " ")
		got = code + " " + s.value(t, `SELECT coalesce(absent_until::text, 'no') FROM cooperative WHERE code = $1`, code)
	case "changes": // of prices, stock and status, by the speaker
		got = s.value(t, `SELECT count(*)::text FROM event WHERE actor_id = $1 AND name IN ('variant.priced', 'stock.moved', 'product.paused', 'product.published', 'product.archived')`, s.person(t))
	case "waits":
		code, _, _ := strings.Cut(want, " ")
		got = code + " " + s.value(t, `SELECT count(*)::text FROM back_in_stock b JOIN variant v ON v.id = b.variant_id JOIN product p ON p.id = v.product_id WHERE p.code = $1 AND told_at IS NULL`, code)
	default:
		var known bool
		if got, known = s.listed(t, what, want); !known {
			t.Fatalf("%s: %q is no fact", at, fact)
		}
	}
	if got != want {
		t.Errorf("%s: %s is %q, want %q", at, what, got, want)
	}
}

func (s *Stage) atMost(t testing.TB, at, what string, got int, want string) {
	t.Helper()
	limit, err := strconv.Atoi(strings.TrimPrefix(want, "at most "))
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	if got > limit || got == 0 {
		t.Errorf("%s: %d %s, want at most %d", at, got, what, limit)
	}
}

func (s *Stage) value(t testing.TB, sql string, args ...any) string {
	t.Helper()
	var v string
	if err := s.Pool.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		return fmt.Sprint(err)
	}
	return v
}

func (s *Stage) lastCode(t testing.TB) string {
	t.Helper()
	return s.value(t, `SELECT code FROM purchase WHERE placed_at IS NOT NULL ORDER BY placed_at DESC, id DESC LIMIT 1`)
}

func (s *Stage) variant(t testing.TB, code string) (id, onHand int64) {
	t.Helper()
	product, pack, _ := strings.Cut(code, "/") // "P2/2" is the second pack of P2
	nth, _ := strconv.Atoi(pack)
	err := s.Pool.QueryRow(context.Background(), `SELECT v.id, s.on_hand FROM variant v JOIN product p ON p.id = v.product_id JOIN stock s ON s.variant_id = v.id
		WHERE p.code = $1 ORDER BY v.position OFFSET $2 LIMIT 1`, product, max(nth-1, 0)).Scan(&id, &onHand)
	if err != nil {
		t.Fatalf("variant of %s: %v", code, err)
	}
	return id, onHand
}

// address is a person's address, once they have written.
func (s *Stage) address(t testing.TB, p *Person) int64 {
	t.Helper()
	if p.Address == 0 {
		err := s.Pool.QueryRow(context.Background(), `SELECT id FROM address WHERE account = $1 AND external_id = $2`, p.Account, p.ExternalID).Scan(&p.Address)
		if err != nil {
			t.Fatalf("the address of %s: %v", p.Name, err)
		}
	}
	return p.Address
}

func (s *Stage) person(t testing.TB) int64 {
	t.Helper()
	var id int64
	if err := s.Pool.QueryRow(context.Background(), `SELECT coalesce(person_id, 0) FROM address WHERE id = $1`, s.address(t, s.current)).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}
