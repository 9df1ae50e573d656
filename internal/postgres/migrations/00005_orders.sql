-- +goose Up
CREATE TABLE relay (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text NOT NULL UNIQUE, -- R12
    town_id     text NOT NULL REFERENCES town,
    name        jsonb NOT NULL,
    address     jsonb NOT NULL,
    hours       jsonb NOT NULL,
    phone       text,
    active      boolean NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL
);
CREATE INDEX relay_town ON relay (town_id) WHERE active;

-- One cart per person. What was chosen for delivery is kept for next time.
CREATE TABLE cart (
    person_id    bigint PRIMARY KEY REFERENCES person,
    delivery     text CHECK (delivery IN ('relay', 'home')),
    relay_id     bigint REFERENCES relay,
    town_id      text REFERENCES town,
    home_address text CHECK (length(home_address) <= 300),
    receiver_name  text CHECK (length(receiver_name) <= 80),
    receiver_phone text CHECK (receiver_phone ~ '^\+[1-9][0-9]{6,14}$'),
    updated_at   timestamptz NOT NULL
);

CREATE TABLE cart_line (
    person_id  bigint NOT NULL REFERENCES cart ON DELETE CASCADE,
    variant_id bigint NOT NULL REFERENCES variant,
    quantity   bigint NOT NULL CHECK (quantity BETWEEN 1 AND 9999),
    price      bigint NOT NULL, -- centimes, as the buyer saw it
    created_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, variant_id)
);

CREATE TABLE purchase (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code           text NOT NULL UNIQUE, -- what people see, say and type
    person_id      bigint NOT NULL REFERENCES person, -- who orders and pays
    status         text NOT NULL CHECK (status IN ('held', 'placed', 'closed', 'expired', 'cancelled')),
    delivery       text NOT NULL CHECK (delivery IN ('relay', 'home')),
    relay_id       bigint REFERENCES relay,
    town_id        text REFERENCES town,
    region_code    text NOT NULL REFERENCES region,
    home_address   text,
    receiver_name  text,
    receiver_phone text NOT NULL CHECK (receiver_phone ~ '^\+[1-9][0-9]{6,14}$'),
    payment        text NOT NULL DEFAULT 'cash' CHECK (payment IN ('cash')),
    goods_total    bigint NOT NULL CHECK (goods_total > 0),
    delivery_fee   bigint NOT NULL CHECK (delivery_fee >= 0),
    currency       text NOT NULL DEFAULT 'MAD',
    hold_expires_at timestamptz,
    placed_at      timestamptz,
    ended_at       timestamptz,
    created_at     timestamptz NOT NULL,
    CHECK ((delivery = 'relay') = (relay_id IS NOT NULL)),
    CHECK (delivery = 'relay' OR home_address IS NOT NULL)
);
CREATE INDEX purchase_person ON purchase (person_id, id DESC);
CREATE UNIQUE INDEX purchase_one_hold ON purchase (person_id) WHERE status = 'held';
CREATE INDEX purchase_hold_expiry ON purchase (hold_expires_at) WHERE status = 'held';

CREATE TABLE coop_order (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purchase_id    bigint NOT NULL REFERENCES purchase,
    cooperative_id bigint NOT NULL REFERENCES cooperative,
    code           text NOT NULL UNIQUE,
    status         text NOT NULL CHECK (status IN ('held', 'placed', 'accepted', 'packed', 'dispatched', 'at_relay', 'handed_over',
                                                    'rejected', 'cancelled', 'expired', 'unclaimed', 'returned')),
    goods_total    bigint NOT NULL CHECK (goods_total > 0),
    updated_at     timestamptz NOT NULL,
    created_at     timestamptz NOT NULL,
    UNIQUE (purchase_id, cooperative_id)
);
CREATE INDEX coop_order_cooperative ON coop_order (cooperative_id, id DESC);

-- A snapshot: what the buyer agreed to, whatever becomes of the product.
CREATE TABLE line (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coop_order_id bigint NOT NULL REFERENCES coop_order,
    variant_id    bigint NOT NULL REFERENCES variant,
    title         jsonb NOT NULL,
    pack_amount   numeric(12, 3) NOT NULL,
    pack_unit     text NOT NULL,
    price         bigint NOT NULL CHECK (price > 0),
    quantity      bigint NOT NULL CHECK (quantity > 0),
    UNIQUE (coop_order_id, variant_id)
);

-- What a purchase has allocated of a variant's stock; gone when the goods leave or the hold ends.
CREATE TABLE allocation (
    line_id    bigint PRIMARY KEY REFERENCES line,
    variant_id bigint NOT NULL REFERENCES variant,
    quantity   bigint NOT NULL CHECK (quantity > 0)
);
CREATE INDEX allocation_variant ON allocation (variant_id);

-- +goose Down
SELECT 1;
