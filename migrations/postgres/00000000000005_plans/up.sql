-- How a city turns its goods over; NULL where its profile was stored before it could say so.
ALTER TABLE profile ADD COLUMN rotation TEXT;
