# class: permission-error
# tool: psql
# ecosystem: data
# step: Create schema
# needs: apt:postgresql
# proof: FATAL:  password authentication failed for user "app"
binaries=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
rm -rf /tmp/lab-pg-18119
install -d -o postgres -g postgres /tmp/lab-pg-18119
echo right >/tmp/lab-pg-18119.pw
chmod 644 /tmp/lab-pg-18119.pw
setpriv --reuid=postgres --regid=postgres --clear-groups "$binaries/initdb" -D /tmp/lab-pg-18119/data -U app --pwfile=/tmp/lab-pg-18119.pw -A scram-sha-256
timeout 60 setpriv --reuid=postgres --regid=postgres --clear-groups "$binaries/postgres" -D /tmp/lab-pg-18119/data -h 127.0.0.1 -p 18119 -k '' >/dev/null 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10; do "$binaries/pg_isready" -q -h 127.0.0.1 -p 18119 && break || sleep 1; done
echo 'CREATE TABLE ships (id int);' >schema.sql
#%% step
PGPASSWORD=secret psql -h 127.0.0.1 -p 18119 -U app -d postgres -f schema.sql
