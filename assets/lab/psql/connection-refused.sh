# class: network-error
# tool: psql
# ecosystem: data
# step: Load seed data
# needs: apt:postgresql-client
# proof: port 18118 failed: Connection refused
echo 'INSERT INTO berths VALUES (1);' >seed.sql
#%% step
psql "postgresql://app:app@127.0.0.1:18118/berths" -v ON_ERROR_STOP=1 -f seed.sql
