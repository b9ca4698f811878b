-- Closures of roads: of an area, of the way from a depot to an area, or of stretches (JSON text).
CREATE TABLE closure (
    code TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('area', 'pair', 'roads')),
    region TEXT NOT NULL REFERENCES region (code),
    depot TEXT REFERENCES depot (code),
    roads TEXT NOT NULL,
    closed_at INTEGER NOT NULL,
    expected_reopen_at INTEGER,
    reopened_at INTEGER,
    cause TEXT NOT NULL CHECK (
        cause IN (
            'flood', 'landslide', 'earthquake', 'snow_ice', 'wind', 'accident', 'works', 'other'
        )
    ),
    document TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev INTEGER NOT NULL,
    CHECK ((kind = 'pair') = (depot IS NOT NULL)),
    CHECK ((kind = 'roads') = (roads <> '[]')),
    CHECK (expected_reopen_at > closed_at),
    CHECK (reopened_at > closed_at)
) STRICT;
CREATE INDEX closure_rev ON closure (rev);
