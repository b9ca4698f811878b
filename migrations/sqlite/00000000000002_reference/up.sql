-- Reference data, quotas, profiles and keys. `rev` is the head's reference_rev of the last change.
-- Records are retired by status, never deleted.

CREATE TABLE region (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT,
    tier TEXT NOT NULL CHECK (tier IN ('province', 'city', 'county', 'township', 'village')),
    type TEXT NOT NULL CHECK (type IN ('administrative', 'functional_zone')),
    parent TEXT,
    population INTEGER,
    population_source TEXT,
    planned_displaced INTEGER,
    lon_e6 INTEGER,
    lat_e6 INTEGER,
    location_source TEXT NOT NULL,
    area_ha INTEGER,
    terrain TEXT,
    valid_from TEXT,
    valid_to TEXT,
    replaced_by TEXT,
    rev INTEGER NOT NULL
) STRICT;

CREATE TABLE organization (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    kind TEXT NOT NULL,
    credit_code TEXT,
    rev INTEGER NOT NULL
) STRICT;

CREATE TABLE depot (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    organization TEXT NOT NULL REFERENCES organization (code),
    custodian TEXT,
    lon_e6 INTEGER NOT NULL,
    lat_e6 INTEGER NOT NULL,
    location_source TEXT NOT NULL,
    readiness_min INTEGER,
    area_m2 INTEGER,
    volume_m3 INTEGER,
    status TEXT NOT NULL CHECK (status IN ('planned', 'active', 'closed')),
    rev INTEGER NOT NULL
) STRICT;

CREATE TABLE need (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    unit TEXT NOT NULL,
    per_person_milli INTEGER NOT NULL CHECK (per_person_milli > 0),
    per TEXT NOT NULL,
    mandatory INTEGER NOT NULL CHECK (mandatory IN (0, 1)),
    season TEXT,
    rev INTEGER NOT NULL
) STRICT;

CREATE TABLE item (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    spec TEXT NOT NULL,
    unit TEXT NOT NULL,
    packs TEXT NOT NULL,
    function_class TEXT NOT NULL,
    hazard_domains TEXT NOT NULL,
    priority INTEGER,
    need TEXT REFERENCES need (code),
    provides INTEGER,
    life_kind TEXT NOT NULL,
    life_months INTEGER,
    life_lead_days INTEGER,
    weight_g INTEGER NOT NULL,
    volume_ml INTEGER NOT NULL,
    external_codes TEXT NOT NULL,
    status TEXT NOT NULL,
    rev INTEGER NOT NULL
) STRICT;

CREATE TABLE quota (
    id TEXT NOT NULL PRIMARY KEY,
    region TEXT NOT NULL REFERENCES region (code),
    item TEXT REFERENCES item (code),
    need TEXT REFERENCES need (code),
    mode TEXT NOT NULL,
    basis TEXT NOT NULL,
    target INTEGER NOT NULL CHECK (target >= 0),
    floor INTEGER NOT NULL CHECK (floor >= 0),
    effective_from TEXT NOT NULL,
    effective_to TEXT,
    document TEXT,
    rev INTEGER NOT NULL,
    CHECK ((item IS NULL) <> (need IS NULL))
) STRICT;

CREATE TABLE profile (
    region TEXT NOT NULL PRIMARY KEY REFERENCES region (code),
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    tiers TEXT NOT NULL,
    provincial TEXT NOT NULL,
    distribute_min INTEGER NOT NULL,
    detour_permille INTEGER NOT NULL,
    detour_mountain_permille INTEGER NOT NULL,
    hazard_domains TEXT NOT NULL,
    modes_counted TEXT NOT NULL,
    target_hours INTEGER NOT NULL,
    clock TEXT NOT NULL,
    attainment_permille INTEGER NOT NULL,
    source TEXT NOT NULL,
    rev INTEGER NOT NULL
) STRICT;

CREATE TABLE api_key (
    id TEXT NOT NULL PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('clerk', 'planner', 'province', 'admin')),
    region TEXT NOT NULL REFERENCES region (code),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_on TEXT,
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
    rev INTEGER NOT NULL
) STRICT;

CREATE INDEX region_rev ON region (rev);
CREATE INDEX organization_rev ON organization (rev);
CREATE INDEX depot_rev ON depot (rev);
CREATE INDEX need_rev ON need (rev);
CREATE INDEX item_rev ON item (rev);
CREATE INDEX quota_rev ON quota (rev);
CREATE INDEX profile_rev ON profile (rev);
CREATE INDEX api_key_rev ON api_key (rev);
