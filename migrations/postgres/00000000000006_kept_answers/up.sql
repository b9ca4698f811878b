-- Every write moves the head: answers that are kept are numbered, and the head counts them. Who writes may
-- then ask the head alone whether anybody else has.

ALTER TABLE head ADD COLUMN kept BIGINT NOT NULL DEFAULT 0 CHECK (kept >= 0);

DROP TRIGGER receipt_refuses_update ON receipt;

-- Without a default, so that a program of before cannot keep an answer that is not counted.
ALTER TABLE receipt ADD COLUMN no BIGINT;
UPDATE receipt SET no = numbered.no
FROM (SELECT principal, key, row_number() OVER (ORDER BY created_at, principal, key) AS no
      FROM receipt) AS numbered
WHERE receipt.principal = numbered.principal AND receipt.key = numbered.key;
ALTER TABLE receipt ALTER COLUMN no SET NOT NULL;
CREATE UNIQUE INDEX receipt_no ON receipt (no);

UPDATE head SET kept = (SELECT count(*) FROM receipt);

CREATE TRIGGER receipt_refuses_update BEFORE UPDATE ON receipt
FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Few entries are reversals: those that are none need no place in the index.
ALTER TABLE entry DROP CONSTRAINT entry_reversal_of_key;
CREATE UNIQUE INDEX entry_reversal ON entry (reversal_of) WHERE reversal_of IS NOT NULL;
