#!/usr/bin/env bash
# First start of the primary: the service's role and database, the replication role, and the rule
# that a commit waits for the standby. Run once by the image, as the superuser, over the socket.
set -euo pipefail

# psql reads the environment itself, so no password shows in a process list.
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<'SQL'
\getenv service_password CHANGPING_DATABASE_PASSWORD
\getenv replication_password REPLICATION_PASSWORD
CREATE ROLE changping LOGIN PASSWORD :'service_password';
CREATE DATABASE changping OWNER changping TEMPLATE template0;
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'replication_password';
-- What the standby has not had yet is kept for it, within reason.
SELECT pg_create_physical_replication_slot('standby', true);
ALTER SYSTEM SET max_slot_wal_keep_size = '8GB';
ALTER SYSTEM SET synchronous_commit = 'on';
-- Takes effect at the next start: now there is no standby yet, and this very script would wait.
ALTER SYSTEM SET synchronous_standby_names = 'standby';
SQL

echo 'host replication replicator samenet scram-sha-256' >>"$PGDATA/pg_hba.conf"
