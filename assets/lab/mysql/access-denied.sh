# class: permission-error
# tool: mysql
# ecosystem: data
# step: Restore dump
# needs: apt:mariadb-server apt:mariadb-client
# proof: ERROR 1045 (28000): Access denied for user
rm -rf /tmp/lab-maria-18124
install -d -o mysql -g mysql /tmp/lab-maria-18124
mariadb-install-db --no-defaults --user=mysql --datadir=/tmp/lab-maria-18124/data --auth-root-authentication-method=normal >/dev/null
timeout 60 mariadbd --no-defaults --user=mysql --datadir=/tmp/lab-maria-18124/data --bind-address=127.0.0.1 --port=18124 \
    --socket=/tmp/lab-maria-18124/s --pid-file=/tmp/lab-maria-18124/p >/dev/null 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10; do mariadb-admin --no-defaults -u root -S /tmp/lab-maria-18124/s ping >/dev/null 2>&1 && break || sleep 1; done
mariadb --no-defaults -u root -S /tmp/lab-maria-18124/s -e "CREATE DATABASE tariffs; CREATE USER 'app'@'%' IDENTIFIED BY 'right'; DELETE FROM mysql.global_priv WHERE User = ''; FLUSH PRIVILEGES"
echo 'CREATE TABLE rates (id INT);' >dump.sql
#%% step
mysql --host=127.0.0.1 --port=18124 --user=app --password=spring-2023 tariffs < dump.sql
