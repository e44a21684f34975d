# class: permission-error
# tool: sqlite3
# ecosystem: data
# step: Import fixtures
# needs: apt:sqlite3
# user: nobody
# proof: attempt to write a readonly database
mkdir -p /tmp/lab-fixtures
rm -f /tmp/lab-fixtures/fixtures.db
sqlite3 /tmp/lab-fixtures/fixtures.db 'CREATE TABLE ports (id INTEGER PRIMARY KEY, name TEXT)'
chmod 644 /tmp/lab-fixtures/fixtures.db
echo "INSERT INTO ports VALUES (1, 'Cuxhaven'), (2, 'Esbjerg');" >fixtures.sql
#%% step
sqlite3 -bail /tmp/lab-fixtures/fixtures.db < fixtures.sql
