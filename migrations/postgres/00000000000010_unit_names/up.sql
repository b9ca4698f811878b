-- English names of units; where there is none, the Chinese one stands.

ALTER TABLE item ADD COLUMN unit_en TEXT;
ALTER TABLE need ADD COLUMN unit_en TEXT;
