-- +goose Up
CREATE TABLE region (
    code         text PRIMARY KEY CHECK (code ~ '^MA-(0[1-9]|1[0-2])$'), -- ISO 3166-2
    name         jsonb NOT NULL, -- {"fr": …, "ar": …}
    delivery_fee bigint NOT NULL CHECK (delivery_fee >= 0), -- home delivery, centimes
    relay_fee    bigint NOT NULL CHECK (relay_fee >= 0)     -- pick-up at a relay, centimes
);

CREATE TABLE town (
    id          text PRIMARY KEY,
    region_code text NOT NULL REFERENCES region,
    name        jsonb NOT NULL,
    search_keys text[] NOT NULL -- locales' search keys of its names and of what people type for it
);
CREATE INDEX town_search ON town USING gin (search_keys);

CREATE TABLE category (
    id       text PRIMARY KEY,
    name     jsonb NOT NULL,
    food     boolean NOT NULL,
    icon     text NOT NULL DEFAULT '',
    position integer NOT NULL
);

CREATE TABLE cooperative (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code       text NOT NULL UNIQUE, -- what people see: C12
    name       jsonb NOT NULL,
    story      jsonb NOT NULL DEFAULT '{}',
    region_code text NOT NULL REFERENCES region,
    town_id    text NOT NULL REFERENCES town,
    phone      text,
    status     text NOT NULL CHECK (status IN ('invited', 'active', 'suspended', 'closed')),
    created_at timestamptz NOT NULL,
    UNIQUE (id, region_code)
);

CREATE TABLE member (
    cooperative_id bigint NOT NULL REFERENCES cooperative,
    person_id      bigint NOT NULL REFERENCES person,
    role           text NOT NULL CHECK (role IN ('manager', 'seller', 'helper')),
    created_at     timestamptz NOT NULL,
    removed_at     timestamptz,
    PRIMARY KEY (cooperative_id, person_id)
);
CREATE INDEX member_person ON member (person_id) WHERE removed_at IS NULL;

CREATE TABLE compliance_document (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cooperative_id bigint NOT NULL REFERENCES cooperative,
    kind           text NOT NULL CHECK (kind IN ('onssa', 'igp', 'aop', 'label_agricole', 'terroir', 'bio')),
    number         text NOT NULL,
    title          jsonb NOT NULL DEFAULT '{}', -- the protected name: {"fr": "IGP Argane", "ar": …}
    status         text NOT NULL CHECK (status IN ('submitted', 'verified', 'expired', 'rejected')),
    expires_on     date,
    created_at     timestamptz NOT NULL,
    UNIQUE (cooperative_id, kind, number),
    UNIQUE (id, cooperative_id)
);

CREATE TABLE product (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code           text NOT NULL UNIQUE, -- what people type: P12
    cooperative_id bigint NOT NULL REFERENCES cooperative,
    category_id    text NOT NULL REFERENCES category,
    region_code    text NOT NULL REFERENCES region, -- the cooperative's, for search in scope
    title          jsonb NOT NULL,
    description    jsonb NOT NULL DEFAULT '{}',
    label_id       bigint, -- of the same cooperative; shown only while verified and unexpired
    status         text NOT NULL CHECK (status IN ('draft', 'pending_review', 'published', 'paused', 'archived')),
    aliases        text[] NOT NULL DEFAULT '{}', -- what else people call it, in any language
    search_words   text[] NOT NULL DEFAULT '{}', -- catalog.Index of all this: the tokens it is found by
    ordered_count  bigint NOT NULL DEFAULT 0 CHECK (ordered_count >= 0),
    -- Doublings of ordered_count: most orders leave it, and so every index, as it is.
    popularity     smallint NOT NULL GENERATED ALWAYS AS (floor(ln((ordered_count + 1)::float8) / ln(2::float8) + 1e-9)) STORED,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    FOREIGN KEY (cooperative_id, region_code) REFERENCES cooperative (id, region_code) ON UPDATE CASCADE,
    FOREIGN KEY (label_id, cooperative_id) REFERENCES compliance_document (id, cooperative_id)
) WITH (fillfactor = 90);
CREATE INDEX product_browse ON product (region_code, category_id, popularity DESC, id) WHERE status = 'published';
CREATE INDEX product_category ON product (category_id, popularity DESC, id) WHERE status = 'published';
CREATE INDEX product_popular ON product (popularity DESC, id) WHERE status = 'published';
CREATE INDEX product_cooperative ON product (cooperative_id);
-- popularity beside the words: of a word that stands on thousands of products only the popular ones are read from the table. No
-- list of pending entries: whoever searches next would have to walk through it.
CREATE INDEX product_words ON product USING gin (search_words, popularity) WITH (fastupdate = off) WHERE status = 'published';

-- Every plain word that some product is or was found by: a misspelt word is compared with words, not with products.
CREATE TABLE search_word (
    word text COLLATE "C" PRIMARY KEY -- in this order a prefix is a range
);
CREATE INDEX search_word_trigrams ON search_word USING gin (word gin_trgm_ops);

-- Tokens that begin with a sign are marks of search, no words. Sorted: two writers of the same new words must not deadlock.
-- +goose StatementBegin
CREATE FUNCTION learn_inserted_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_word (word)
    SELECT DISTINCT word FROM inserted, unnest(search_words) AS word WHERE word ~ '^[[:alnum:]]' ORDER BY word
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION learn_updated_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_word (word)
    SELECT DISTINCT word FROM unnest(NEW.search_words) AS word WHERE word ~ '^[[:alnum:]]' ORDER BY word
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER product_words_inserted AFTER INSERT ON product
    REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION learn_inserted_words();
CREATE TRIGGER product_words_updated AFTER UPDATE OF search_words ON product
    FOR EACH ROW WHEN (OLD.search_words IS DISTINCT FROM NEW.search_words) EXECUTE FUNCTION learn_updated_words();

-- The words that resemble one, the most alike first. The threshold is low: two letters that changed places in a word of four
-- leave a quarter of its trigrams.
CREATE FUNCTION similar_words(typed text, most integer) RETURNS SETOF text LANGUAGE sql STABLE
    SET pg_trgm.similarity_threshold = 0.2
    AS $$ SELECT word FROM search_word WHERE word % typed ORDER BY similarity(word, typed) DESC, word LIMIT most $$;

-- Documents that count at an instant: verified, and valid on that day in Morocco. The caller's clock decides, not the server's;
-- the planner sees through both functions as if they were views.
CREATE FUNCTION valid_document(at timestamptz) RETURNS TABLE (id bigint, cooperative_id bigint, kind text, number text, title jsonb)
    LANGUAGE sql STABLE AS $$
    SELECT d.id, d.cooperative_id, d.kind, d.number, d.title
    FROM compliance_document d
    WHERE d.status = 'verified' AND (d.expires_on IS NULL OR d.expires_on >= (valid_document.at AT TIME ZONE 'Africa/Casablanca')::date) $$;

-- The one rule of what may be found, shown and sold at an instant: published products of active cooperatives, food only with a
-- valid ONSSA document (law 28-07). label_id is null unless the label is valid.
CREATE FUNCTION sellable(at timestamptz) RETURNS TABLE (product_id bigint, code text, cooperative_id bigint, category_id text,
        region_code text, title jsonb, description jsonb, label_id bigint, search_words text[], popularity smallint)
    LANGUAGE sql STABLE AS $$
    SELECT p.id, p.code, p.cooperative_id, p.category_id, p.region_code, p.title, p.description,
           (SELECT d.id FROM valid_document(sellable.at) d WHERE d.id = p.label_id AND d.kind <> 'onssa'), p.search_words, p.popularity
    FROM product p
    JOIN cooperative c ON c.id = p.cooperative_id AND c.status = 'active'
    JOIN category k ON k.id = p.category_id
    WHERE p.status = 'published'
      AND (NOT k.food OR EXISTS (SELECT FROM valid_document(sellable.at) d WHERE d.cooperative_id = p.cooperative_id AND d.kind = 'onssa')) $$;

CREATE TABLE variant (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id    bigint NOT NULL REFERENCES product,
    position      integer NOT NULL,
    pack_amount   numeric(12, 3) NOT NULL CHECK (pack_amount > 0),
    pack_unit     text NOT NULL CHECK (pack_unit IN ('g', 'kg', 'ml', 'l', 'piece')),
    price         bigint NOT NULL CHECK (price > 0), -- centimes
    currency      text NOT NULL DEFAULT 'MAD',
    archived_at   timestamptz,
    UNIQUE (product_id, position)
);

CREATE TABLE stock (
    variant_id bigint PRIMARY KEY REFERENCES variant,
    on_hand    bigint NOT NULL CHECK (on_hand >= 0),
    allocated  bigint NOT NULL DEFAULT 0,
    CHECK (0 <= allocated AND allocated <= on_hand)
);

-- Append-only: the sum of change per variant is on_hand.
CREATE TABLE stock_movement (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    variant_id bigint NOT NULL REFERENCES variant,
    change     bigint NOT NULL CHECK (change <> 0),
    reason     text NOT NULL CHECK (reason IN ('opening', 'restock', 'correction', 'sold', 'returned', 'loss')),
    reference  text NOT NULL DEFAULT '',
    actor_id   bigint REFERENCES person,
    created_at timestamptz NOT NULL
);
CREATE INDEX stock_movement_variant ON stock_movement (variant_id, id);
-- A movement that names what caused it happens once.
CREATE UNIQUE INDEX stock_movement_once ON stock_movement (variant_id, reason, reference) WHERE reference <> '';

CREATE TABLE photo (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id  bigint NOT NULL REFERENCES product,
    position    integer NOT NULL,
    key         text NOT NULL, -- in the photo store
    width       integer NOT NULL CHECK (width > 0),
    height      integer NOT NULL CHECK (height > 0),
    created_at  timestamptz NOT NULL,
    UNIQUE (product_id, position)
);

-- A provider's own id for a photo that was sent before: sending it again costs no upload.
CREATE TABLE photo_upload (
    photo_key  text NOT NULL,
    account    text NOT NULL,
    media_id   text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (photo_key, account)
);

-- "Tell me when it is back."
CREATE TABLE back_in_stock (
    variant_id bigint NOT NULL REFERENCES variant,
    person_id  bigint NOT NULL REFERENCES person,
    created_at timestamptz NOT NULL,
    told_at    timestamptz,
    PRIMARY KEY (variant_id, person_id)
);
CREATE INDEX back_in_stock_waiting ON back_in_stock (variant_id) WHERE told_at IS NULL;

-- +goose Down
SELECT 1;
