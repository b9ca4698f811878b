-- Reference data, quotas, profiles and keys. `rev` is the head's reference_rev of the last change.
-- Records are retired by status, never deleted.

CREATE TABLE region (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT,
    tier TEXT NOT NULL CHECK (tier IN ('province', 'city', 'county', 'township', 'village')),
    type TEXT NOT NULL CHECK (type IN ('administrative', 'functional_zone')),
    parent TEXT,
    population BIGINT,
    population_source TEXT,
    planned_displaced BIGINT,
    lon_e6 BIGINT,
    lat_e6 BIGINT,
    location_source TEXT NOT NULL,
    area_ha BIGINT,
    terrain TEXT,
    valid_from DATE,
    valid_to DATE,
    replaced_by TEXT,
    rev BIGINT NOT NULL
);

CREATE TABLE organization (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    kind TEXT NOT NULL,
    credit_code TEXT,
    rev BIGINT NOT NULL
);

CREATE TABLE depot (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    organization TEXT NOT NULL REFERENCES organization (code),
    custodian TEXT,
    lon_e6 BIGINT NOT NULL,
    lat_e6 BIGINT NOT NULL,
    location_source TEXT NOT NULL,
    readiness_min BIGINT,
    area_m2 BIGINT,
    volume_m3 BIGINT,
    status TEXT NOT NULL CHECK (status IN ('planned', 'active', 'closed')),
    rev BIGINT NOT NULL
);

CREATE TABLE need (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    unit TEXT NOT NULL,
    per_person_milli BIGINT NOT NULL CHECK (per_person_milli > 0),
    per TEXT NOT NULL,
    mandatory BOOLEAN NOT NULL,
    season TEXT,
    rev BIGINT NOT NULL
);

CREATE TABLE item (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    spec TEXT NOT NULL,
    unit TEXT NOT NULL,
    packs TEXT NOT NULL,
    function_class TEXT NOT NULL,
    hazard_domains TEXT NOT NULL,
    priority BIGINT,
    need TEXT REFERENCES need (code),
    provides BIGINT,
    life_kind TEXT NOT NULL,
    life_months BIGINT,
    life_lead_days BIGINT,
    weight_g BIGINT NOT NULL,
    volume_ml BIGINT NOT NULL,
    external_codes TEXT NOT NULL,
    status TEXT NOT NULL,
    rev BIGINT NOT NULL
);

CREATE TABLE quota (
    id TEXT NOT NULL PRIMARY KEY,
    region TEXT NOT NULL REFERENCES region (code),
    item TEXT REFERENCES item (code),
    need TEXT REFERENCES need (code),
    mode TEXT NOT NULL,
    basis TEXT NOT NULL,
    target BIGINT NOT NULL CHECK (target >= 0),
    floor BIGINT NOT NULL CHECK (floor >= 0),
    effective_from DATE NOT NULL,
    effective_to DATE,
    document TEXT,
    rev BIGINT NOT NULL,
    CHECK ((item IS NULL) <> (need IS NULL))
);

CREATE TABLE profile (
    region TEXT NOT NULL PRIMARY KEY REFERENCES region (code),
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    tiers TEXT NOT NULL,
    provincial TEXT NOT NULL,
    distribute_min BIGINT NOT NULL,
    detour_permille BIGINT NOT NULL,
    detour_mountain_permille BIGINT NOT NULL,
    hazard_domains TEXT NOT NULL,
    modes_counted TEXT NOT NULL,
    target_hours BIGINT NOT NULL,
    clock TEXT NOT NULL,
    attainment_permille BIGINT NOT NULL,
    source TEXT NOT NULL,
    rev BIGINT NOT NULL
);

CREATE TABLE api_key (
    id TEXT NOT NULL PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('clerk', 'planner', 'province', 'admin')),
    region TEXT NOT NULL REFERENCES region (code),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_on DATE,
    revoked BOOLEAN NOT NULL,
    rev BIGINT NOT NULL
);

CREATE INDEX region_rev ON region (rev);
CREATE INDEX organization_rev ON organization (rev);
CREATE INDEX depot_rev ON depot (rev);
CREATE INDEX need_rev ON need (rev);
CREATE INDEX item_rev ON item (rev);
CREATE INDEX quota_rev ON quota (rev);
CREATE INDEX profile_rev ON profile (rev);
CREATE INDEX api_key_rev ON api_key (rev);
