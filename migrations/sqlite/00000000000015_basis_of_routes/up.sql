-- Whether somebody drove a route, or a routing server worked it out.

ALTER TABLE route ADD COLUMN basis TEXT NOT NULL DEFAULT 'driven'
    CHECK (basis IN ('driven', 'matrix'));
