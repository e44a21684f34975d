# class: permission-error
# tool: sqlite3
# ecosystem: data
# step: Import fixtures
# needs: apt:sqlite3 apt:util-linux
# proof: attempt to write a readonly database
sqlite3 fixtures.db 'CREATE TABLE ports (id INTEGER PRIMARY KEY, name TEXT)'
chmod 644 fixtures.db
echo "INSERT INTO ports VALUES (1, 'Cuxhaven'), (2, 'Esbjerg');" >fixtures.sql
#%% step
setpriv --reuid=65534 --regid=65534 --clear-groups sqlite3 -bail fixtures.db < fixtures.sql
