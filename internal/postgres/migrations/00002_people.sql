-- +goose Up
-- A person is somebody; an address is where they can be reached on one channel.
CREATE TABLE person (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text CHECK (length(name) BETWEEN 1 AND 80),
    lang       text NOT NULL CHECK (lang ~ '^[a-z]{2}$'),
    phone      text CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    time_zone  text NOT NULL DEFAULT 'Africa/Casablanca',
    created_at timestamptz NOT NULL
);
CREATE INDEX person_phone ON person (phone) WHERE phone IS NOT NULL;

-- account is ours (the bot, our number), external_id is theirs (a chat's id, a number in E.164).
CREATE TABLE address (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel      text NOT NULL CHECK (channel ~ '^[a-z]{2,20}$'),
    account      text NOT NULL CHECK (length(account) BETWEEN 1 AND 80),
    external_id  text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 80),
    person_id    bigint REFERENCES person,
    profile_name text,
    consented_at timestamptz,
    stopped_at   timestamptz,
    blocked_at   timestamptz,
    created_at   timestamptz NOT NULL,
    UNIQUE (account, external_id)
);
CREATE INDEX address_by_person ON address (person_id);
-- WhatsApp and SMS of one number are one person.
CREATE INDEX address_number ON address (external_id) WHERE external_id LIKE '+%';

-- Two people may share one address (two sisters, one phone); address.person_id is who speaks there by default.
CREATE TABLE address_person (
    address_id bigint NOT NULL REFERENCES address,
    person_id  bigint NOT NULL REFERENCES person,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (address_id, person_id)
);

CREATE TABLE role (
    person_id  bigint NOT NULL REFERENCES person,
    name       text NOT NULL CHECK (name IN ('operator', 'mentor', 'relay')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, name)
);

-- What happened, for the audit trail and for subscribers. subject is an id ("purchase/12"); data holds ids and codes, never personal data.
CREATE TABLE event (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    subject    text NOT NULL,
    actor_id   bigint REFERENCES person,
    data       jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL
);
CREATE INDEX event_subject ON event (subject, id);

-- What a domain wants somebody to hear. tell is said at once; ask waits until the conversation rests.
CREATE TABLE notice (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id  bigint NOT NULL REFERENCES person,
    name       text NOT NULL,
    args       jsonb NOT NULL DEFAULT '{}',
    mode       text NOT NULL CHECK (mode IN ('tell', 'ask')),
    timing     text NOT NULL CHECK (timing IN ('now', 'allowed_hours')),
    dedupe     text NOT NULL UNIQUE,
    due_at     timestamptz NOT NULL,
    expires_at timestamptz,
    -- pending: to be routed; routed: stands in an inbox; waiting: no address may hear it now, the reason says why; done; failed: a ticket was opened
    status     text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'routed', 'waiting', 'done', 'failed')),
    reason     text NOT NULL DEFAULT '',
    rounds     integer NOT NULL DEFAULT 0, -- times that it was put into an inbox
    created_at timestamptz NOT NULL
);
CREATE INDEX notice_due ON notice (due_at) WHERE status = 'pending';
-- When a person writes again, what waited for them is tried anew.
CREATE INDEX notice_waiting ON notice (person_id) WHERE status = 'waiting';

-- A matter for an operator: "talk to a person", a voice note, a parked message, a notice nobody could be told.
CREATE TABLE ticket (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id   bigint REFERENCES person,
    address_id  bigint REFERENCES address,
    kind        text NOT NULL CHECK (kind IN ('talk', 'voice', 'parked', 'undeliverable', 'problem')),
    status      text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
    created_at  timestamptz NOT NULL,
    closed_at   timestamptz
);
CREATE INDEX ticket_open ON ticket (created_at) WHERE status = 'open';
-- What a person adds joins their open ticket of the kind.
CREATE UNIQUE INDEX ticket_person ON ticket (person_id, kind) WHERE status = 'open' AND person_id IS NOT NULL;

CREATE TABLE ticket_message (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id  bigint NOT NULL REFERENCES ticket,
    author     text NOT NULL CHECK (author IN ('person', 'operator', 'souk')),
    operator   text NOT NULL DEFAULT '', -- who answered, as operators know each other
    body       text NOT NULL,
    media      jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL
);
CREATE INDEX ticket_message_ticket ON ticket_message (ticket_id, id);

-- +goose Down
SELECT 1;
