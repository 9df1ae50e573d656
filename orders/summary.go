package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/internal/rows"
	"souk/people"
)

// Summary is what waits at a cooperative, and what its day brought. Sums are in centimes.
type Summary struct {
	Waiting    int   // orders to answer
	ToPack     int   // accepted, not packed
	Packed     int   // packed, not gone
	ToPackSum  int64 // of what is to be packed and what is packed
	Ordered    int   // orders that came on that day, in Morocco
	OrderedSum int64
	HandedOver int // orders that were handed over on that day
	HandedSum  int64
	AsksBuyer  int // orders about which a buyer is being asked
}

// Empty says that there is nothing to tell.
func (s Summary) Empty() bool {
	return s.Waiting+s.ToPack+s.Packed+s.Ordered+s.HandedOver == 0
}

// Summarise counts what waits at a cooperative now and what came on the day that it is.
func Summarise(ctx context.Context, tx pgx.Tx, cooperativeID int64, now time.Time) (Summary, error) {
	day := localDay(now)
	zone := people.Zone(people.DefaultZone)
	from := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
	return rows.One[Summary](ctx, tx, "sum up a cooperative's day", summarise, rows.Args{"coop": cooperativeID, "from": from, "to": from.AddDate(0, 0, 1)})
}

const summarise = `
SELECT count(*) FILTER (WHERE o.status = 'placed') AS waiting,
       count(*) FILTER (WHERE o.status = 'accepted') AS to_pack,
       count(*) FILTER (WHERE o.status = 'packed') AS packed,
       coalesce(sum(o.goods_total) FILTER (WHERE o.status IN ('accepted', 'packed')), 0)::bigint AS to_pack_sum,
       count(*) FILTER (WHERE today) AS ordered,
       coalesce(sum(o.goods_total) FILTER (WHERE today), 0)::bigint AS ordered_sum,
       count(*) FILTER (WHERE o.status = 'handed_over' AND o.updated_at >= @from AND o.updated_at < @to) AS handed_over,
       coalesce(sum(o.goods_total) FILTER (WHERE o.status = 'handed_over' AND o.updated_at >= @from AND o.updated_at < @to), 0)::bigint AS handed_sum,
       count(*) FILTER (WHERE EXISTS (SELECT FROM amendment a WHERE a.coop_order_id = o.id AND a.status = 'asked')) AS asks_buyer
  FROM coop_order o JOIN purchase p ON p.id = o.purchase_id
  CROSS JOIN LATERAL (SELECT p.placed_at >= @from AND p.placed_at < @to AND o.status NOT IN ('held', 'expired') AS today) d
 WHERE o.cooperative_id = @coop AND p.placed_at IS NOT NULL
   AND (o.status IN ('placed', 'accepted', 'packed') OR o.updated_at >= @from OR today)`

// SetSummary lets a member hear every day, at an hour of their own clock (0 to 23), what waits at their cooperatives; nil ends it. An
// hour that has passed today begins tomorrow.
func SetSummary(ctx context.Context, tx pgx.Tx, personID int64, hour *int, now time.Time) error {
	person, err := people.Load(ctx, tx, personID)
	if err != nil {
		return fmt.Errorf("set the hour of a summary: %w", err)
	}
	local := now.In(people.Zone(person.TimeZone))
	var told *time.Time
	if hour != nil && local.Hour() >= *hour {
		told = dateOf(local)
	}
	changed, err := rows.Exec(ctx, tx, "set the hour of a summary", setSummary, rows.Args{"person": personID, "hour": hour, "told": told, "now": now})
	if err != nil || changed == 0 {
		return err
	}
	data := map[string]any{}
	if hour != nil {
		data["hour"] = *hour
	}
	return people.Append(ctx, tx, people.Event{Name: "summary.set", Subject: fmt.Sprintf("person/%d", personID), ActorID: personID, Data: data, At: now})
}

const setSummary = `UPDATE member SET summary_hour = @hour, summarised_on = coalesce(@told::date, summarised_on), summary_offered_at = coalesce(summary_offered_at, @now)
	WHERE person_id = @person AND removed_at IS NULL`

// OfferSummary says, once for each member, that a daily summary may be offered now: after their first order. offer is false ever
// after, and where they have one.
func OfferSummary(ctx context.Context, tx pgx.Tx, personID int64, now time.Time) (offer bool, err error) {
	n, err := rows.Exec(ctx, tx, "offer a summary", offerSummary, rows.Args{"person": personID, "now": now})
	return n > 0, err
}

const offerSummary = `UPDATE member SET summary_offered_at = @now
	WHERE person_id = @person AND removed_at IS NULL AND summary_offered_at IS NULL AND summary_hour IS NULL`

// summaryLate is how long after its hour a summary is still told: what the service missed by more would be told in the night.
const summaryLate = 3

type dueSummary struct {
	CooperativeID int64
	PersonID      int64
	TimeZone      string
	SummaryHour   int
	SummarisedOn  *time.Time
}

// Wall clocks differ by less than a day: who was summed up two days ago is due whatever the zone. Go decides, by its own zones.
const summariesDue = `
SELECT m.cooperative_id, m.person_id, p.time_zone, m.summary_hour, m.summarised_on
  FROM member m JOIN person p ON p.id = m.person_id JOIN cooperative c ON c.id = m.cooperative_id
 WHERE m.summary_hour IS NOT NULL AND m.removed_at IS NULL AND c.status = 'active'
   AND (m.summarised_on IS NULL OR m.summarised_on <= @day)
 ORDER BY m.person_id, m.cooperative_id`

// due tells whether the hour has come on this day of the member's own clock, and whether it is still worth telling. The clock on the
// wall decides, so that an hour which a change of clocks leaves out is made up for by the next, and one that comes twice counts once.
func (d dueSummary) due(now time.Time) (day *time.Time, tell, due bool) {
	local := now.In(people.Zone(d.TimeZone))
	day = dateOf(local)
	if d.SummarisedOn != nil && !d.SummarisedOn.Before(*day) || local.Hour() < d.SummaryHour {
		return day, false, false
	}
	return day, local.Hour() <= d.SummaryHour+summaryLate, true
}

// tellSummary writes one member's summary of one cooperative and notes the day. A day on which there is nothing to tell is silent.
func tellSummary(ctx context.Context, tx pgx.Tx, d dueSummary, now time.Time) error {
	day, tell, due := d.due(now)
	if !due {
		return nil
	}
	n, err := rows.Exec(ctx, tx, "note a summary", noteSummary, rows.Args{"coop": d.CooperativeID, "person": d.PersonID, "day": day, "hour": d.SummaryHour})
	if err != nil || n == 0 || !tell {
		return err
	}
	s, err := Summarise(ctx, tx, d.CooperativeID, now)
	if err != nil || s.Empty() {
		return err
	}
	return people.Notify(ctx, tx, people.Notice{
		PersonID: d.PersonID, Name: "order.summary", Args: map[string]any{"coop": d.CooperativeID}, DueAt: now, ExpiresAt: now.Add(summaryLate * time.Hour),
		Dedupe: fmt.Sprintf("order.summary/%d/%d/%s", d.CooperativeID, d.PersonID, day.Format(time.DateOnly)),
	}, now)
}

const noteSummary = `UPDATE member SET summarised_on = @day
	WHERE cooperative_id = @coop AND person_id = @person AND summary_hour = @hour AND (summarised_on IS NULL OR summarised_on < @day)`

func dateOf(local time.Time) *time.Time {
	y, m, d := local.Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	return &day
}
