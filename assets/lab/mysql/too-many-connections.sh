# class: resource-exhaustion
# tool: mysql
# ecosystem: data
# step: Prepare test databases
# needs: apt:mariadb-server apt:mariadb-client
# proof: ERROR 1040 (08004): Too many connections
rm -rf /tmp/lab-maria-18173
install -d -o mysql -g mysql /tmp/lab-maria-18173
mariadb-install-db --no-defaults --user=mysql --datadir=/tmp/lab-maria-18173/data --auth-root-authentication-method=normal >/dev/null
timeout 60 mariadbd --no-defaults --user=mysql --datadir=/tmp/lab-maria-18173/data --bind-address=127.0.0.1 --port=18173 --max-connections=10 \
    --socket=/tmp/lab-maria-18173/s --pid-file=/tmp/lab-maria-18173/p >/dev/null 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10; do mariadb-admin --no-defaults -u root -S /tmp/lab-maria-18173/s ping >/dev/null 2>&1 && break || sleep 1; done
mariadb --no-defaults -u root -S /tmp/lab-maria-18173/s -e "CREATE USER 'app'@'%' IDENTIFIED BY 'app'; GRANT CREATE ON *.* TO 'app'@'%'; DELETE FROM mysql.global_priv WHERE User = ''; FLUSH PRIVILEGES"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    timeout 50 mariadb --no-defaults -h 127.0.0.1 -P 18173 -u app -papp -e 'SELECT SLEEP(40)' >/dev/null 2>&1 &
done
sleep 2
#%% step
mysql --host=127.0.0.1 --port=18173 --user=app --password=app -e 'CREATE DATABASE shard_0'
