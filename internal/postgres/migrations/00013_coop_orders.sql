-- +goose Up
-- When a line can be ready, as the buyer was told at the review: made to order, in season, or a cooperative that is away.
ALTER TABLE line ADD COLUMN ready_on date;

-- The first day, from the given one on, on which a product can be ready; null where it is ready at once.
-- +goose StatementBegin
CREATE FUNCTION ready_on(day date, season_from date, absent_until date, lead_days integer) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN lead_days IS NOT NULL OR season_from > day OR absent_until > day
           THEN greatest(season_from, greatest(day, absent_until) + coalesce(lead_days, 0)) END $$;
-- +goose StatementEnd

-- A daily summary is offered once, after the first order.
ALTER TABLE member ADD COLUMN summary_offered_at timestamptz;

-- A seller who finds the missing jars takes the question back.
ALTER TABLE amendment DROP CONSTRAINT amendment_status_check;
ALTER TABLE amendment ADD CONSTRAINT amendment_status_check
    CHECK (status IN ('asked', 'agreed', 'declined', 'expired', 'withdrawn'));

-- What waited when reminders began counts from then on, not from when it was placed.
UPDATE coop_order SET remind_at = now() WHERE status = 'placed' AND remind_at IS NULL;

-- +goose Down
SELECT 1;
