-- Crossings by boat, and what their boats carry.

CREATE TABLE water_leg (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    lon_e6 BIGINT NOT NULL,
    lat_e6 BIGINT NOT NULL,
    crossing_min BIGINT NOT NULL CHECK (crossing_min BETWEEN 1 AND 1440),
    turnaround_min BIGINT NOT NULL CHECK (turnaround_min BETWEEN 0 AND 1440),
    sails_from_min BIGINT NOT NULL CHECK (sails_from_min BETWEEN 0 AND 1440),
    sails_until_min BIGINT NOT NULL CHECK (sails_until_min BETWEEN 0 AND 1440),
    boats BIGINT NOT NULL CHECK (boats BETWEEN 1 AND 1000),
    boat_kg BIGINT NOT NULL CHECK (boat_kg BETWEEN 1 AND 10000000),
    source TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev BIGINT NOT NULL,
    CHECK (sails_from_min < sails_until_min)
);
CREATE INDEX water_leg_rev ON water_leg (rev);
