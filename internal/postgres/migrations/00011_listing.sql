-- +goose Up
-- What a listing needs beyond 00009. Everything here is added: the version before neither reads nor minds it.

-- Codes of products that members list: P and the next of these. Written by hand or generated, codes stand below and far above.
CREATE SEQUENCE product_code START 1001;

-- A listing waits by its oldest promise, and is looked for by who listed it.
CREATE INDEX product_waiting ON product (cooperative_id) WHERE status = 'pending_review';

-- Drafts that nobody came back to are given up.
CREATE INDEX draft_idle ON draft (updated_at) WHERE status = 'open';

-- Which documents wait for an operator's eyes.
CREATE INDEX compliance_submitted ON compliance_document (created_at) WHERE status = 'submitted';

-- +goose Down
SELECT 1;
