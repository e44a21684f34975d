# class: deployment-failure
# tool: yoyo
# ecosystem: python
# step: Apply schema changes
# needs: pip:yoyo-migrations==9.0.0 pip:setuptools==80.9.0
# proof: sqlite3.OperationalError: no such column: imo_number
mkdir migrations
printf 'CREATE TABLE ships (id INTEGER PRIMARY KEY, name TEXT)\n' >migrations/0001.ships.sql
printf -- '-- depends: 0001.ships\nCREATE UNIQUE INDEX ships_imo ON ships (imo_number)\n' >migrations/0002.imo.sql
#%% step
yoyo apply --batch --no-config-file --database sqlite:///ships.db ./migrations
