# class: test-failure
# tool: pg_prove
# ecosystem: data
# step: Database tests
# needs: apt:postgresql apt:postgresql-15-pgtap apt:libtap-parser-sourcehandler-pgtap-perl
# proof: # Failed test 2: "no double bookings"
# proof: # Looks like you failed 1 test of 3
binaries=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
rm -rf /tmp/lab-pg-18123
install -d -o postgres -g postgres /tmp/lab-pg-18123
setpriv --reuid=postgres --regid=postgres --clear-groups "$binaries/initdb" -D /tmp/lab-pg-18123/data -U app -A trust
timeout 60 setpriv --reuid=postgres --regid=postgres --clear-groups "$binaries/postgres" -D /tmp/lab-pg-18123/data -h 127.0.0.1 -p 18123 -k '' >/dev/null 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10; do "$binaries/pg_isready" -q -h 127.0.0.1 -p 18123 && break || sleep 1; done
psql -q -h 127.0.0.1 -p 18123 -U app -d postgres -c 'CREATE EXTENSION pgtap; CREATE TABLE bookings (berth int, day date);' \
    -c "INSERT INTO bookings VALUES (1, '2024-05-01'), (1, '2024-05-01'), (2, '2024-05-02')"
mkdir -p test
cat >test/bookings.sql <<'END'
BEGIN;
SELECT plan(3);
SELECT has_table('bookings');
SELECT is_empty('SELECT berth, day FROM bookings GROUP BY 1, 2 HAVING count(*) > 1', 'no double bookings');
SELECT col_type_is('bookings', 'day', 'date', 'day is a date');
SELECT * FROM finish();
ROLLBACK;
END
#%% step
pg_prove -h 127.0.0.1 -p 18123 -U app -d postgres test/*.sql
