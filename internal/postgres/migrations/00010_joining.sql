-- +goose Up
-- What joining by chat needs beyond 00009. Everything here is added: the version before neither reads nor minds it.

ALTER TABLE application
    ADD COLUMN skipped text[] NOT NULL DEFAULT '{}', -- what they left to the person who helps: name_ar, town, register_number, …
    ADD COLUMN operator text NOT NULL DEFAULT '',    -- who decided
    ADD COLUMN promised_at timestamptz;              -- by when they were told to hear

ALTER TABLE invitation
    ADD COLUMN name        text NOT NULL DEFAULT '' CHECK (length(name) <= 80), -- whom it is meant for, as the inviter calls them
    ADD COLUMN person_id   bigint REFERENCES person, -- whom Souk asks in chat, where it knows them: no code is needed then
    ADD COLUMN declined_at timestamptz;

ALTER TABLE member
    ADD COLUMN chosen_at timestamptz; -- of several cooperatives the one chosen last is the one that is acted for

-- +goose Down
SELECT 1;
