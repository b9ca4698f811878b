-- PostgreSQL gets types for the rows of a batch; SQLite is given them one by one.
SELECT 1;
