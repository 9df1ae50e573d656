-- +goose Up
-- Where a relay stands, in degrees (WGS 84); null where nobody has looked it up: it is offered by its town's name then.
ALTER TABLE relay
    ADD COLUMN latitude  double precision CHECK (latitude BETWEEN -90 AND 90),
    ADD COLUMN longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    ADD CONSTRAINT relay_place CHECK ((latitude IS NULL) = (longitude IS NULL));

-- +goose Down
ALTER TABLE relay DROP CONSTRAINT relay_place, DROP COLUMN latitude, DROP COLUMN longitude;
