-- Whether people and trucks must be called up outside working hours.

ALTER TABLE event ADD COLUMN off_hours INTEGER NOT NULL
    DEFAULT 0 CHECK (off_hours IN (0, 1));
