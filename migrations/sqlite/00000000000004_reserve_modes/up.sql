-- Rules from which quotas follow, and the registers of what is held by others: agreements, capacities,
-- pledges. A quota that a rule has set names it. What a city's profile says of declarations and pledges
-- is NULL where it was stored before it could say so.

CREATE TABLE quota_rule (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    tier TEXT NOT NULL CHECK (tier IN ('province', 'city', 'county', 'township', 'village')),
    item TEXT REFERENCES item (code),
    need TEXT REFERENCES need (code),
    basis TEXT NOT NULL CHECK (basis IN ('absolute', 'population')),
    target INTEGER CHECK (target >= 0),
    days INTEGER,
    redundancy_permille INTEGER,
    season_factor_permille INTEGER,
    per_person_milli INTEGER,
    displaced_permille INTEGER,
    modes TEXT NOT NULL,
    floor_permille INTEGER NOT NULL CHECK (floor_permille BETWEEN 0 AND 1000),
    pack TEXT,
    effective_from TEXT NOT NULL,
    effective_to TEXT,
    document TEXT,
    rev INTEGER NOT NULL,
    CHECK ((item IS NULL) <> (need IS NULL)),
    CHECK ((basis = 'absolute') = (target IS NOT NULL)),
    CHECK ((basis = 'population') = (days IS NOT NULL)),
    CHECK ((basis = 'population') = (redundancy_permille IS NOT NULL)),
    CHECK (effective_to IS NULL OR effective_from <= effective_to)
) STRICT;

CREATE TABLE agreement (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    organization TEXT NOT NULL REFERENCES organization (code),
    item TEXT NOT NULL REFERENCES item (code),
    contract_quantity INTEGER NOT NULL CHECK (contract_quantity >= 0),
    declared_stock INTEGER CHECK (declared_stock >= 0),
    declared_on TEXT,
    response_hours INTEGER NOT NULL CHECK (response_hours >= 0),
    valid_from TEXT NOT NULL,
    valid_to TEXT NOT NULL,
    reliability_permille INTEGER CHECK (reliability_permille BETWEEN 0 AND 1000),
    lon_e6 INTEGER,
    lat_e6 INTEGER,
    document TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev INTEGER NOT NULL,
    CHECK (valid_from <= valid_to),
    CHECK ((lon_e6 IS NULL) = (lat_e6 IS NULL))
) STRICT;

CREATE TABLE capacity (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    organization TEXT NOT NULL REFERENCES organization (code),
    item TEXT NOT NULL REFERENCES item (code),
    daily_rate INTEGER NOT NULL CHECK (daily_rate >= 0),
    startup_hours INTEGER NOT NULL CHECK (startup_hours >= 0),
    finished_goods INTEGER NOT NULL CHECK (finished_goods >= 0),
    most INTEGER NOT NULL CHECK (most >= 0),
    declared_on TEXT,
    valid_from TEXT NOT NULL,
    valid_to TEXT NOT NULL,
    reliability_permille INTEGER CHECK (reliability_permille BETWEEN 0 AND 1000),
    lon_e6 INTEGER,
    lat_e6 INTEGER,
    document TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev INTEGER NOT NULL,
    CHECK (valid_from <= valid_to),
    CHECK ((lon_e6 IS NULL) = (lat_e6 IS NULL))
) STRICT;

CREATE TABLE pledge (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    organization TEXT REFERENCES organization (code),
    item TEXT NOT NULL REFERENCES item (code),
    pledged_quantity INTEGER NOT NULL CHECK (pledged_quantity >= 0),
    fulfilment_permille INTEGER CHECK (fulfilment_permille BETWEEN 0 AND 1000),
    response_hours INTEGER NOT NULL CHECK (response_hours >= 0),
    valid_from TEXT NOT NULL,
    valid_to TEXT NOT NULL,
    reliability_permille INTEGER CHECK (reliability_permille BETWEEN 0 AND 1000),
    lon_e6 INTEGER,
    lat_e6 INTEGER,
    document TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev INTEGER NOT NULL,
    CHECK (valid_from <= valid_to),
    CHECK ((lon_e6 IS NULL) = (lat_e6 IS NULL))
) STRICT;

ALTER TABLE quota ADD COLUMN rule TEXT REFERENCES quota_rule (code);

ALTER TABLE profile ADD COLUMN declaration_days INTEGER;
ALTER TABLE profile ADD COLUMN stale_declarations TEXT;
ALTER TABLE profile ADD COLUMN pledge_fulfilment_permille INTEGER;

CREATE INDEX quota_rule_rev ON quota_rule (rev);
CREATE INDEX agreement_rev ON agreement (rev);
CREATE INDEX capacity_rev ON capacity (rev);
CREATE INDEX pledge_rev ON pledge (rev);
