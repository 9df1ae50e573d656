-- +goose Up
-- What a cooperative needs to sell by message. Everything here is added: the version before neither reads nor minds it.

ALTER TABLE cooperative
    ADD COLUMN register_number text CHECK (length(register_number) BETWEEN 1 AND 60),
    ADD COLUMN absent_until    date,        -- nobody packs before that day; its goods stay orderable and say so
    ADD COLUMN trusted_at      timestamptz; -- its listings no longer wait for an operator
-- Whoever sold before listings were looked at is trusted.
UPDATE cooperative SET trusted_at = created_at WHERE status = 'active';

-- A wish to join, asked by chat. An operator accepts or refuses it; accepted, it names the cooperative that came of it.
CREATE TABLE application (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id       bigint NOT NULL REFERENCES person,
    name            jsonb NOT NULL DEFAULT '{}', -- {"fr": …, "ar": …}
    town_id         text REFERENCES town,
    register_number text CHECK (length(register_number) <= 60),
    phone           text CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    products        text CHECK (length(products) <= 1000), -- as they said it
    documents       jsonb NOT NULL DEFAULT '[]', -- ids of received media
    status          text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'submitted', 'accepted', 'refused', 'dropped')),
    reason          text NOT NULL DEFAULT '', -- why it was refused, in words for the person
    cooperative_id  bigint REFERENCES cooperative,
    ticket_id       bigint REFERENCES ticket,
    submitted_at    timestamptz,
    decided_at      timestamptz,
    created_at      timestamptz NOT NULL
);
-- One wish at a time.
CREATE UNIQUE INDEX application_person ON application (person_id) WHERE status IN ('open', 'submitted');
CREATE INDEX application_waiting ON application (submitted_at) WHERE status = 'submitted';

-- An invitation to act for a cooperative. Its code is derived from SOUK_SECRET, this id and the generation: it stands nowhere.
CREATE TABLE invitation (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cooperative_id bigint NOT NULL REFERENCES cooperative,
    role           text NOT NULL CHECK (role IN ('manager', 'seller', 'helper')),
    phone          text CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'), -- whom it is meant for, where known
    invited_by     bigint REFERENCES person, -- null: an operator
    generation     integer NOT NULL DEFAULT 1,
    tries          integer NOT NULL DEFAULT 0,
    expires_at     timestamptz NOT NULL,
    accepted_by    bigint REFERENCES person,
    accepted_at    timestamptz,
    revoked_at     timestamptz,
    created_at     timestamptz NOT NULL
);
CREATE INDEX invitation_cooperative ON invitation (cooperative_id);
CREATE INDEX invitation_phone ON invitation (phone) WHERE accepted_at IS NULL AND revoked_at IS NULL;

-- A helper acts for a member after that member's yes, until either of them ends it.
CREATE TABLE acting (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cooperative_id bigint NOT NULL REFERENCES cooperative,
    helper_id      bigint NOT NULL REFERENCES person,
    member_id      bigint NOT NULL REFERENCES person,
    asked_at       timestamptz NOT NULL,
    agreed_at      timestamptz,
    ended_at       timestamptz,
    CHECK (helper_id <> member_id)
);
CREATE UNIQUE INDEX acting_once ON acting (cooperative_id, helper_id, member_id) WHERE ended_at IS NULL;
CREATE INDEX acting_member ON acting (member_id) WHERE ended_at IS NULL;

-- What each member wants to hear, and when.
ALTER TABLE member
    ADD COLUMN summary_hour  smallint CHECK (summary_hour BETWEEN 0 AND 23), -- local; null: no daily summary
    ADD COLUMN summarised_on date;

-- How a cooperative stood when it joined, and 6 and 12 months later. Asked with consent, once each.
CREATE TABLE baseline (
    cooperative_id bigint NOT NULL REFERENCES cooperative,
    month          smallint NOT NULL CHECK (month IN (0, 6, 12)),
    due_at         timestamptz NOT NULL,
    asked_at       timestamptz,
    asked_of       bigint REFERENCES person,
    consented_at   timestamptz,
    declined_at    timestamptz,
    members        integer CHECK (members BETWEEN 1 AND 100000),
    women          integer CHECK (women BETWEEN 0 AND 100000),
    sales_band     text CHECK (sales_band IN ('none', 'under_2000', 'under_10000', 'under_50000', 'over_50000')), -- dirhams a month
    sells_by       text[], -- market, fair, shop, phone, social, online
    onssa          boolean,
    answered_at    timestamptz,
    PRIMARY KEY (cooperative_id, month)
);
CREATE INDEX baseline_due ON baseline (due_at) WHERE asked_at IS NULL;

ALTER TABLE ticket DROP CONSTRAINT ticket_kind_check;
ALTER TABLE ticket ADD CONSTRAINT ticket_kind_check
    CHECK (kind IN ('talk', 'voice', 'parked', 'undeliverable', 'problem', 'joining', 'compliance', 'listing', 'order', 'question', 'report'));

-- What somebody is about to put up for sale: what was understood so far. Published, it has become a product or changed one.
CREATE TABLE draft (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cooperative_id bigint NOT NULL REFERENCES cooperative,
    person_id      bigint NOT NULL REFERENCES person,
    product_id     bigint REFERENCES product, -- the product that is changed, or that came of it
    content        jsonb NOT NULL DEFAULT '{}',
    status         text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'published', 'dropped')),
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL
);
CREATE INDEX draft_person ON draft (person_id, id DESC) WHERE status = 'open';

ALTER TABLE product
    ADD COLUMN unreviewed  text[] NOT NULL DEFAULT '{}', -- locales whose title was suggested by the glossary and read by nobody yet
    ADD COLUMN lead_days   integer CHECK (lead_days BETWEEN 1 AND 365), -- made to order: stock is how many can be taken on
    ADD COLUMN season_from date, -- ordered before, sent from that day on
    ADD COLUMN created_by  bigint REFERENCES person;

ALTER TABLE variant
    ADD COLUMN by_weight boolean NOT NULL DEFAULT false; -- price is of one pack as announced; weighed at packing

-- "From 10: 95": the price of each pack where at least so many are taken. The highest that fits counts.
CREATE TABLE price_tier (
    variant_id bigint NOT NULL REFERENCES variant,
    quantity   bigint NOT NULL CHECK (quantity BETWEEN 2 AND 9999),
    price      bigint NOT NULL CHECK (price > 0),
    PRIMARY KEY (variant_id, quantity)
);

ALTER TABLE stock
    ADD COLUMN low_mark    bigint NOT NULL DEFAULT 3 CHECK (low_mark >= 0), -- the sellers hear when so few are left
    ADD COLUMN low_told_at timestamptz; -- null again once there is more

-- Why a listing waits for an operator. One open review per product.
CREATE TABLE review (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id  bigint NOT NULL REFERENCES product,
    reason      text NOT NULL CHECK (reason IN ('first_listings', 'forbidden_words', 'reported', 'title')),
    words       text NOT NULL DEFAULT '',
    promised_at timestamptz NOT NULL, -- what the seller was told
    escalated_at timestamptz,
    decision    text CHECK (decision IN ('published', 'refused')),
    operator    text NOT NULL DEFAULT '',
    note        text NOT NULL DEFAULT '', -- in words for the seller
    decided_at  timestamptz,
    created_at  timestamptz NOT NULL,
    CHECK ((decision IS NULL) = (decided_at IS NULL))
);
CREATE UNIQUE INDEX review_open ON review (product_id) WHERE decided_at IS NULL;
CREATE INDEX review_promised ON review (promised_at) WHERE decided_at IS NULL;

-- What buyers say is wrong with a listing; a person says it once of a product.
CREATE TABLE report (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id  bigint NOT NULL REFERENCES product,
    person_id   bigint NOT NULL REFERENCES person,
    reason      text NOT NULL CHECK (reason IN ('not_as_shown', 'forbidden', 'price', 'unsafe', 'other')),
    body        text NOT NULL DEFAULT '',
    review_id   bigint REFERENCES review,
    created_at  timestamptz NOT NULL,
    UNIQUE (product_id, person_id)
);

-- A buyer's question about a product, and what the seller says. Neither sees the other's number.
CREATE TABLE question (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id   bigint NOT NULL REFERENCES product,
    person_id    bigint NOT NULL REFERENCES person,
    body         text NOT NULL CHECK (length(body) BETWEEN 1 AND 1000),
    status       text NOT NULL DEFAULT 'asked' CHECK (status IN ('asked', 'answered', 'escalated', 'closed')),
    answer       text NOT NULL DEFAULT '',
    answered_by  bigint REFERENCES person,
    operator     text NOT NULL DEFAULT '',
    on_card      boolean NOT NULL DEFAULT false, -- a good answer stays on the card
    ticket_id    bigint REFERENCES ticket,
    escalate_at  timestamptz NOT NULL,
    answered_at  timestamptz,
    created_at   timestamptz NOT NULL
);
CREATE INDEX question_product ON question (product_id, id) WHERE on_card;
CREATE INDEX question_waiting ON question (escalate_at) WHERE status = 'asked';

ALTER TABLE coop_order
    ADD COLUMN accepted_by  bigint REFERENCES person,
    ADD COLUMN reason       text NOT NULL DEFAULT '', -- why it was refused: out, closed, far, price, other
    ADD COLUMN words        text NOT NULL DEFAULT '', -- what the seller adds to it
    ADD COLUMN remind_at    timestamptz,
    ADD COLUMN reminders    smallint NOT NULL DEFAULT 0,
    ADD COLUMN escalated_at timestamptz;
CREATE INDEX coop_order_remind ON coop_order (remind_at) WHERE remind_at IS NOT NULL AND status = 'placed';

-- What the buyer agreed to stays in quantity and price; kept is what is sent of it after both sides' yes, amount what that
-- costs where it is not kept × price (weighed goods), in centimes.
ALTER TABLE line
    ADD COLUMN kept      bigint CHECK (kept BETWEEN 0 AND quantity),
    ADD COLUMN by_weight boolean NOT NULL DEFAULT false,
    ADD COLUMN grams     bigint CHECK (grams > 0),
    ADD COLUMN amount    bigint CHECK (amount >= 0);
-- A part of which nothing is sent has a status that says so; its sum may be nothing.
ALTER TABLE coop_order DROP CONSTRAINT coop_order_goods_total_check;
ALTER TABLE coop_order ADD CONSTRAINT coop_order_goods_total_check CHECK (goods_total >= 0);
ALTER TABLE purchase DROP CONSTRAINT purchase_goods_total_check;
ALTER TABLE purchase ADD CONSTRAINT purchase_goods_total_check CHECK (goods_total >= 0);

-- What a seller proposes and the buyer is asked: less than ordered, or a higher sum after weighing. One open per part.
CREATE TABLE amendment (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coop_order_id bigint NOT NULL REFERENCES coop_order,
    kind          text NOT NULL CHECK (kind IN ('partial', 'weight')),
    lines         jsonb NOT NULL, -- [{"line": id, "kept": n, "grams": n, "amount": centimes}]
    status        text NOT NULL DEFAULT 'asked' CHECK (status IN ('asked', 'agreed', 'declined', 'expired')),
    proposed_by   bigint REFERENCES person,
    expires_at    timestamptz NOT NULL,
    answered_at   timestamptz,
    created_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX amendment_open ON amendment (coop_order_id) WHERE status = 'asked';
CREATE INDEX amendment_expiry ON amendment (expires_at) WHERE status = 'asked';

-- +goose Down
SELECT 1;
