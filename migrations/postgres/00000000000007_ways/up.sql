-- What is known of ways: routes that somebody has driven, and stretches of road that make a network.

CREATE TABLE route (
    code TEXT NOT NULL PRIMARY KEY,
    depot TEXT NOT NULL REFERENCES depot (code),
    region TEXT NOT NULL REFERENCES region (code),
    minutes BIGINT NOT NULL CHECK (minutes BETWEEN 1 AND 43200),
    source TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev BIGINT NOT NULL,
    CHECK (valid_to IS NULL OR valid_from <= valid_to)
);
CREATE INDEX route_rev ON route (rev);

CREATE TABLE road (
    code TEXT NOT NULL PRIMARY KEY,
    from_lon_e6 BIGINT NOT NULL,
    from_lat_e6 BIGINT NOT NULL,
    to_lon_e6 BIGINT NOT NULL,
    to_lat_e6 BIGINT NOT NULL,
    length_m BIGINT NOT NULL CHECK (length_m BETWEEN 1 AND 1000000),
    class TEXT,
    speed_kmh BIGINT CHECK (speed_kmh BETWEEN 1 AND 200),
    one_way BOOLEAN NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev BIGINT NOT NULL
);
CREATE INDEX road_rev ON road (rev);
