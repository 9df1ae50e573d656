-- +goose Up
-- A conversation is one address on one channel: the stack of flows and the open prompt, and the version that its session in Redis must equal.
CREATE TABLE conversation (
    id              bigint PRIMARY KEY REFERENCES address,
    version         bigint NOT NULL DEFAULT 0,
    stamp           bigint NOT NULL DEFAULT 0,
    flows_version   integer NOT NULL DEFAULT 0,
    checkpoint      jsonb,
    last_inbound_at timestamptz
) WITH (fillfactor = 50); -- room for the next turn's version beside this one: no index is written

-- Everything that makes the bot speak. An undecodable update has no conversation and is parked.
CREATE TABLE inbox (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account         text NOT NULL,
    provider_id     text NOT NULL,
    conversation_id bigint REFERENCES conversation,
    source          text NOT NULL,
    internal        boolean NOT NULL DEFAULT false,
    body            bytea NOT NULL,
    received_at     timestamptz NOT NULL,
    tries           integer NOT NULL DEFAULT 0,
    error           text,
    done_at         timestamptz,
    parked_at       timestamptz,
    UNIQUE (account, provider_id)
);
CREATE INDEX inbox_pending ON inbox (conversation_id, internal, id) WHERE done_at IS NULL AND parked_at IS NULL;
CREATE INDEX inbox_sweep ON inbox (received_at) WHERE done_at IS NULL AND parked_at IS NULL;
CREATE INDEX inbox_parked ON inbox (parked_at) WHERE parked_at IS NOT NULL;

-- The order and the pace in which one address is written to. lease is held over the HTTP call, never a transaction.
CREATE TABLE lane (
    conversation_id bigint PRIMARY KEY REFERENCES conversation,
    next_at         timestamptz NOT NULL DEFAULT '-infinity',
    lease_until     timestamptz,
    lease           bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- What is to be said, rendered for the medium of its address. rank orders delivery statuses: they only move up.
CREATE TABLE outbox (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    inbox_id            bigint NOT NULL REFERENCES inbox,
    seq                 integer NOT NULL,
    conversation_id     bigint NOT NULL REFERENCES conversation,
    class               smallint NOT NULL CHECK (class IN (0, 1, 2)), -- 0 reply, 1 notice, 2 broadcast: the order in which they leave
    body                jsonb NOT NULL,
    prompt              text NOT NULL DEFAULT '',
    notice_id           bigint REFERENCES notice,
    -- queued → sending → sent → delivered → read; failed, undelivered; unknown: look before resending; held: waits for the window or a cap
    status              text NOT NULL DEFAULT 'queued'
                        CHECK (status IN ('queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'undelivered', 'unknown', 'held', 'dropped')),
    tries               integer NOT NULL DEFAULT 0,
    not_before          timestamptz NOT NULL,
    part                integer NOT NULL DEFAULT 0, -- messages of this row that have already left (a photo, then its text)
    provider_message_id text,
    error_code          text,
    segments            integer,
    created_at          timestamptz NOT NULL,
    sent_at             timestamptz,
    UNIQUE (inbox_id, seq)
);
CREATE INDEX outbox_due ON outbox (conversation_id, class, id) WHERE status IN ('queued', 'sending', 'unknown');
CREATE INDEX outbox_sweep ON outbox (class, not_before) WHERE status IN ('queued', 'sending', 'unknown');
CREATE INDEX outbox_notice ON outbox (notice_id) WHERE notice_id IS NOT NULL;
CREATE INDEX outbox_held ON outbox (conversation_id) WHERE status = 'held';
CREATE INDEX outbox_message ON outbox (conversation_id, provider_message_id) WHERE provider_message_id IS NOT NULL;

CREATE TABLE timer (
    conversation_id bigint NOT NULL REFERENCES conversation,
    name            text NOT NULL,
    due_at          timestamptz NOT NULL,
    payload         jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (conversation_id, name)
);
CREATE INDEX timer_due ON timer (due_at);

-- Content resources that were made at Twilio, one per shape, language and count.
CREATE TABLE content_resource (
    account    text NOT NULL,
    name       text NOT NULL,
    hash       text NOT NULL,
    sid        text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account, name)
);

-- SMS segments sent to one address on one day, for the caps.
CREATE TABLE sms_usage (
    conversation_id bigint NOT NULL REFERENCES conversation,
    day             date NOT NULL,
    messages        integer NOT NULL DEFAULT 0,
    segments        integer NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, day)
);

-- Where listing missed messages at a provider has got to.
CREATE TABLE reconcile_mark (
    account text PRIMARY KEY,
    seen_at timestamptz NOT NULL
);

-- +goose Down
SELECT 1;
