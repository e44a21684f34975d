# class: deployment-failure
# tool: mysql
# ecosystem: data
# step: Apply migration
# needs: apt:mariadb-server apt:mariadb-client
# proof: ERROR 1060 (42S21) at line 2: Duplicate column name 'valid_from'
rm -rf /tmp/lab-maria-18125
install -d -o mysql -g mysql /tmp/lab-maria-18125
mariadb-install-db --no-defaults --user=mysql --datadir=/tmp/lab-maria-18125/data --auth-root-authentication-method=normal >/dev/null
timeout 60 mariadbd --no-defaults --user=mysql --datadir=/tmp/lab-maria-18125/data --bind-address=127.0.0.1 --port=18125 \
    --socket=/tmp/lab-maria-18125/s --pid-file=/tmp/lab-maria-18125/p >/dev/null 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10; do mariadb-admin --no-defaults -u root -S /tmp/lab-maria-18125/s ping >/dev/null 2>&1 && break || sleep 1; done
mariadb --no-defaults -u root -S /tmp/lab-maria-18125/s -e "CREATE DATABASE tariffs; CREATE USER 'app'@'%' IDENTIFIED BY 'app'; GRANT ALL ON tariffs.* TO 'app'@'%'; DELETE FROM mysql.global_priv WHERE User = ''; FLUSH PRIVILEGES; CREATE TABLE tariffs.rates (id INT PRIMARY KEY, valid_from DATE)"
mkdir migrations
printf -- '-- tariffs get a time of validity\nALTER TABLE rates ADD COLUMN valid_from DATE NOT NULL, ADD COLUMN valid_to DATE;\n' >migrations/V7__validity.sql
#%% step
mysql --host=127.0.0.1 --port=18125 --user=app --password=app tariffs < migrations/V7__validity.sql
