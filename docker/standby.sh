#!/usr/bin/env bash
# The standby: a copy of the primary at first start, then a server that follows it.
set -euo pipefail

primary=${PRIMARY_HOST:-primary}
port=${PRIMARY_PORT:-5432}

if [[ ! -s $PGDATA/PG_VERSION ]]; then
    # Beside its final place, so that a copy cut short is never mistaken for a whole one.
    copy=$PGDATA.copy
    export PGPASSWORD=$REPLICATION_PASSWORD
    until rm -rf "$copy" && pg_basebackup --pgdata="$copy" --wal-method=stream --write-recovery-conf \
        --checkpoint=fast --slot=standby \
        --dbname="host=$primary port=$port user=replicator application_name=standby"; do
        echo "the primary is not ready to be copied, trying again" >&2
        sleep 2
    done
    unset PGPASSWORD
    chmod 0700 "$copy"
    rm -rf "$PGDATA"
    mv "$copy" "$PGDATA"
fi

# The copied settings tell a primary to wait for a standby; once promoted, this one has none.
exec postgres -D "$PGDATA" -c synchronous_standby_names= -c hot_standby=on "$@"
