# class: deployment-failure
# tool: psql
# ecosystem: data
# step: Migrate database
# needs: apt:postgresql
# proof: ERROR:  relation "berth_slots" does not exist
binaries=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
rm -rf /tmp/lab-pg-18120
install -d -o postgres -g postgres /tmp/lab-pg-18120
setpriv --reuid=postgres --regid=postgres --clear-groups "$binaries/initdb" -D /tmp/lab-pg-18120/data -U app -A trust
timeout 60 setpriv --reuid=postgres --regid=postgres --clear-groups "$binaries/postgres" -D /tmp/lab-pg-18120/data -h 127.0.0.1 -p 18120 -k '' >/dev/null 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10; do "$binaries/pg_isready" -q -h 127.0.0.1 -p 18120 && break || sleep 1; done
mkdir migrations
echo 'CREATE TABLE berths (id bigint PRIMARY KEY, name text NOT NULL);' >migrations/0001_berths.sql
echo 'CREATE INDEX berths_name ON berths (name);' >migrations/0002_names.sql
printf 'ALTER TABLE berths ADD COLUMN depth_m numeric;\nALTER TABLE berth_slots ADD COLUMN tide_window tstzrange;\n' >migrations/0003_tides.sql
#%% step
for file in migrations/*.sql; do
    echo "applying $file"
    psql -h 127.0.0.1 -p 18120 -U app -d postgres -v ON_ERROR_STOP=1 --single-transaction -f "$file"
done
