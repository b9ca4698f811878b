-- Whether people and trucks must be called up outside working hours.

ALTER TABLE event ADD COLUMN off_hours BOOLEAN NOT NULL
    DEFAULT FALSE;
