# class: resource-exhaustion
# tool: psql
# ecosystem: data
# step: Prepare databases
# needs: apt:postgresql
# proof: sorry, too many clients already
binaries=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
rm -rf /tmp/lab-pg-18121
install -d -o postgres -g postgres /tmp/lab-pg-18121
setpriv --reuid=postgres --regid=postgres --clear-groups "$binaries/initdb" -D /tmp/lab-pg-18121/data -U app -A trust
printf 'max_connections = 5\nsuperuser_reserved_connections = 1\nmax_wal_senders = 0\n' >>/tmp/lab-pg-18121/data/postgresql.conf
timeout 90 setpriv --reuid=postgres --regid=postgres --clear-groups "$binaries/postgres" -D /tmp/lab-pg-18121/data -h 127.0.0.1 -p 18121 -k '' >/dev/null 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10; do "$binaries/pg_isready" -q -h 127.0.0.1 -p 18121 && break || sleep 1; done
for _ in 1 2 3 4 5; do
    timeout 60 psql -h 127.0.0.1 -p 18121 -U app -d postgres -c 'SELECT pg_sleep(50)' >/dev/null 2>&1 &
done
sleep 1
#%% step
createdb -h 127.0.0.1 -p 18121 -U app shard_0
createdb -h 127.0.0.1 -p 18121 -U app shard_1
