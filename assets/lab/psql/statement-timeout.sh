# class: timeout
# tool: psql
# ecosystem: data
# step: Backfill
# needs: apt:postgresql
# proof: ERROR:  canceling statement due to statement timeout
binaries=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
rm -rf /tmp/lab-pg-18122
install -d -o postgres -g postgres /tmp/lab-pg-18122
setpriv --reuid=postgres --regid=postgres --clear-groups "$binaries/initdb" -D /tmp/lab-pg-18122/data -U app -A trust
timeout 60 setpriv --reuid=postgres --regid=postgres --clear-groups "$binaries/postgres" -D /tmp/lab-pg-18122/data -h 127.0.0.1 -p 18122 -k '' >/dev/null 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10; do "$binaries/pg_isready" -q -h 127.0.0.1 -p 18122 && break || sleep 1; done
cat >backfill.sql <<'END'
CREATE TABLE calls AS SELECT n AS id, n % 997 AS ship FROM generate_series(1, 20000) AS n;
SET statement_timeout = '2s';
UPDATE calls SET ship = (SELECT count(*) FROM calls AS other WHERE other.ship = calls.ship AND other.id < calls.id);
END
#%% step
psql -h 127.0.0.1 -p 18122 -U app -d postgres -v ON_ERROR_STOP=1 -f backfill.sql
