-- +goose Up
-- When the sellers were told that nothing is left; low_told_at when they were told that little is. Null again once there is more.
ALTER TABLE stock ADD COLUMN out_told_at timestamptz;

-- A cooperative's numbers: a part that was placed in a period has moved since then, whatever became of it.
CREATE INDEX coop_order_moved ON coop_order (cooperative_id, updated_at);
-- What a cooperative still has to send, or to be paid for.
CREATE INDEX coop_order_open ON coop_order (cooperative_id)
    WHERE status IN ('placed', 'accepted', 'packed', 'dispatched', 'at_relay', 'unclaimed');

-- "Take back what I just did."
CREATE INDEX event_changes ON event (actor_id, id)
    WHERE name IN ('variant.priced', 'stock.moved', 'product.paused', 'product.published');

-- +goose Down
SELECT 1;
