-- What deciding takes longer where goods are promised by others.

ALTER TABLE profile ADD COLUMN promise_decide_min BIGINT
    CHECK (promise_decide_min BETWEEN 0 AND 10080);
