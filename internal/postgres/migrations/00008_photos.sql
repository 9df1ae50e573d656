-- +goose Up
-- A photo that somebody sent. The turn keeps the provider's reference; a job fetches it and makes it ready or says why not. A photo
-- that nothing was made of is forgotten after thirty days, a used one's row too: its picture then belongs to what it was used for.
CREATE TABLE sent_photo (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address_id   bigint NOT NULL REFERENCES address, -- of the conversation it was sent in
    provider_ref text NOT NULL, -- the provider's own id; never an address to fetch
    mime         text NOT NULL DEFAULT '', -- as the provider says; the content decides
    bytes        bigint NOT NULL DEFAULT 0, -- as the provider says, 0 where it does not
    caption      text NOT NULL DEFAULT '',
    album        text NOT NULL DEFAULT '', -- the same for photos that were sent together, '' for one alone
    status       text NOT NULL DEFAULT 'fetching' CHECK (status IN ('fetching', 'ready', 'refused', 'used')),
    reason       text CHECK (reason IN ('too_large', 'not_a_photo', 'heic', 'broken', 'too_many_pixels', 'gone')),
    key          text, -- in the photo store
    width        integer CHECK (width > 0),
    height       integer CHECK (height > 0),
    content_hash bytea, -- SHA-256 of what was sent: the same photo again
    received_at  timestamptz NOT NULL,
    done_at      timestamptz,
    CHECK ((status IN ('ready', 'used')) = (key IS NOT NULL AND width IS NOT NULL AND height IS NOT NULL)),
    CHECK ((status = 'refused') = (reason IS NOT NULL))
);
CREATE INDEX sent_photo_address ON sent_photo (address_id, id);
CREATE INDEX sent_photo_age ON sent_photo (received_at);
CREATE INDEX sent_photo_fetching ON sent_photo (received_at) WHERE status = 'fetching';

-- Pictures that belong to nothing any more, until they are gone from the photo store.
CREATE TABLE photo_trash (
    key        text PRIMARY KEY,
    created_at timestamptz NOT NULL
);

-- +goose Down
SELECT 1;
