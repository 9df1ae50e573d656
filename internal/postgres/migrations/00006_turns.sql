-- What a turn reads and writes, made lean. Each statement may be met again after a failure: they run outside a transaction, so that
-- writers of a large table wait for none of them.

-- +goose NO TRANSACTION
-- +goose Up

-- Each of these checks cost more than the row it checked, twice per turn, and wrote a lock into the referenced row. One statement
-- makes the row out of the rows that it refers to, and under their lock: an inbox row selects its conversation, an outbox row comes
-- from the commit of its inbox row. Conversations and inbox rows are never deleted.
ALTER TABLE inbox DROP CONSTRAINT IF EXISTS inbox_conversation_id_fkey;
ALTER TABLE outbox DROP CONSTRAINT IF EXISTS outbox_inbox_id_fkey, DROP CONSTRAINT IF EXISTS outbox_conversation_id_fkey;

-- What waits is found by conversation at each turn and by age in the sweeps. Both partial indexes had one condition, and where little
-- waits the planner took either: a turn then read all that waits, and all that had waited since the last vacuum. The sweeps' own now
-- stand under conditions that only the sweeps write.
DROP INDEX CONCURRENTLY IF EXISTS inbox_waits;
CREATE INDEX CONCURRENTLY inbox_waits ON inbox (received_at) WHERE coalesce(done_at, parked_at) IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS inbox_sweep;
DROP INDEX CONCURRENTLY IF EXISTS outbox_waits;
CREATE INDEX CONCURRENTLY outbox_waits ON outbox (class, not_before)
    WHERE CASE status WHEN 'queued' THEN true WHEN 'sending' THEN true WHEN 'unknown' THEN true ELSE false END;
DROP INDEX CONCURRENTLY IF EXISTS outbox_sweep;

-- What was ordered is counted for search every minute, not while the order is placed. Who places an order says so; the version
-- before counts by itself and leaves the column as it is.
ALTER TABLE purchase ADD COLUMN IF NOT EXISTS counted boolean NOT NULL DEFAULT true;
CREATE INDEX CONCURRENTLY IF NOT EXISTS purchase_uncounted ON purchase (id) WHERE NOT counted;

-- +goose Down
SELECT 1;
