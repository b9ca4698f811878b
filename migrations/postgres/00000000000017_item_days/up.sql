-- When a lot is announced before its rotation is due, and from when it is no surplus; what is usual
-- where empty.

ALTER TABLE item ADD COLUMN life_notice_days BIGINT;
ALTER TABLE item ADD COLUMN life_perishing_days BIGINT;
