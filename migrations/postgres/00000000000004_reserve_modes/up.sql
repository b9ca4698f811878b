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
    target BIGINT CHECK (target >= 0),
    days BIGINT,
    redundancy_permille BIGINT,
    season_factor_permille BIGINT,
    per_person_milli BIGINT,
    displaced_permille BIGINT,
    modes TEXT NOT NULL,
    floor_permille BIGINT NOT NULL CHECK (floor_permille BETWEEN 0 AND 1000),
    pack TEXT,
    effective_from DATE NOT NULL,
    effective_to DATE,
    document TEXT,
    rev BIGINT NOT NULL,
    CHECK ((item IS NULL) <> (need IS NULL)),
    CHECK ((basis = 'absolute') = (target IS NOT NULL)),
    CHECK ((basis = 'population') = (days IS NOT NULL)),
    CHECK ((basis = 'population') = (redundancy_permille IS NOT NULL)),
    CHECK (effective_to IS NULL OR effective_from <= effective_to)
);

CREATE TABLE agreement (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    organization TEXT NOT NULL REFERENCES organization (code),
    item TEXT NOT NULL REFERENCES item (code),
    contract_quantity BIGINT NOT NULL CHECK (contract_quantity >= 0),
    declared_stock BIGINT CHECK (declared_stock >= 0),
    declared_on DATE,
    response_hours BIGINT NOT NULL CHECK (response_hours >= 0),
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    reliability_permille BIGINT CHECK (reliability_permille BETWEEN 0 AND 1000),
    lon_e6 BIGINT,
    lat_e6 BIGINT,
    document TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev BIGINT NOT NULL,
    CHECK (valid_from <= valid_to),
    CHECK ((lon_e6 IS NULL) = (lat_e6 IS NULL))
);

CREATE TABLE capacity (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    organization TEXT NOT NULL REFERENCES organization (code),
    item TEXT NOT NULL REFERENCES item (code),
    daily_rate BIGINT NOT NULL CHECK (daily_rate >= 0),
    startup_hours BIGINT NOT NULL CHECK (startup_hours >= 0),
    finished_goods BIGINT NOT NULL CHECK (finished_goods >= 0),
    most BIGINT NOT NULL CHECK (most >= 0),
    declared_on DATE,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    reliability_permille BIGINT CHECK (reliability_permille BETWEEN 0 AND 1000),
    lon_e6 BIGINT,
    lat_e6 BIGINT,
    document TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev BIGINT NOT NULL,
    CHECK (valid_from <= valid_to),
    CHECK ((lon_e6 IS NULL) = (lat_e6 IS NULL))
);

CREATE TABLE pledge (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    organization TEXT REFERENCES organization (code),
    item TEXT NOT NULL REFERENCES item (code),
    pledged_quantity BIGINT NOT NULL CHECK (pledged_quantity >= 0),
    fulfilment_permille BIGINT CHECK (fulfilment_permille BETWEEN 0 AND 1000),
    response_hours BIGINT NOT NULL CHECK (response_hours >= 0),
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    reliability_permille BIGINT CHECK (reliability_permille BETWEEN 0 AND 1000),
    lon_e6 BIGINT,
    lat_e6 BIGINT,
    document TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired')),
    rev BIGINT NOT NULL,
    CHECK (valid_from <= valid_to),
    CHECK ((lon_e6 IS NULL) = (lat_e6 IS NULL))
);

ALTER TABLE quota ADD COLUMN rule TEXT REFERENCES quota_rule (code);

ALTER TABLE profile ADD COLUMN declaration_days BIGINT;
ALTER TABLE profile ADD COLUMN stale_declarations TEXT;
ALTER TABLE profile ADD COLUMN pledge_fulfilment_permille BIGINT;

CREATE INDEX quota_rule_rev ON quota_rule (rev);
CREATE INDEX agreement_rev ON agreement (rev);
CREATE INDEX capacity_rev ON capacity (rev);
CREATE INDEX pledge_rev ON pledge (rev);
