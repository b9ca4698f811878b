-- Helicopter bases, and what their machines can do.

CREATE TABLE helibase (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    lon_e6 BIGINT NOT NULL,
    lat_e6 BIGINT NOT NULL,
    radius_km BIGINT NOT NULL CHECK (radius_km BETWEEN 1 AND 2000),
    cruise_kmh BIGINT NOT NULL CHECK (cruise_kmh BETWEEN 1 AND 500),
    payload_kg BIGINT NOT NULL CHECK (payload_kg BETWEEN 1 AND 50000),
    aircraft BIGINT NOT NULL CHECK (aircraft BETWEEN 1 AND 1000),
    ready_min BIGINT NOT NULL CHECK (ready_min BETWEEN 0 AND 1440),
    load_min BIGINT NOT NULL CHECK (load_min BETWEEN 0 AND 1440),
    turnaround_min BIGINT NOT NULL CHECK (turnaround_min BETWEEN 0 AND 1440),
    flying_min BIGINT NOT NULL CHECK (flying_min BETWEEN 0 AND 1440),
    source TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev BIGINT NOT NULL
);
CREATE INDEX helibase_rev ON helibase (rev);
