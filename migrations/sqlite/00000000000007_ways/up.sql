-- What is known of ways: routes that somebody has driven, and stretches of road that make a network.

CREATE TABLE route (
    code TEXT NOT NULL PRIMARY KEY,
    depot TEXT NOT NULL REFERENCES depot (code),
    region TEXT NOT NULL REFERENCES region (code),
    minutes INTEGER NOT NULL CHECK (minutes BETWEEN 1 AND 43200),
    source TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev INTEGER NOT NULL,
    CHECK (valid_to IS NULL OR valid_from <= valid_to)
) STRICT;
CREATE INDEX route_rev ON route (rev);

CREATE TABLE road (
    code TEXT NOT NULL PRIMARY KEY,
    from_lon_e6 INTEGER NOT NULL,
    from_lat_e6 INTEGER NOT NULL,
    to_lon_e6 INTEGER NOT NULL,
    to_lat_e6 INTEGER NOT NULL,
    length_m INTEGER NOT NULL CHECK (length_m BETWEEN 1 AND 1000000),
    class TEXT,
    speed_kmh INTEGER CHECK (speed_kmh BETWEEN 1 AND 200),
    one_way INTEGER NOT NULL CHECK (one_way IN (0, 1)),
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev INTEGER NOT NULL
) STRICT;
CREATE INDEX road_rev ON road (rev);
