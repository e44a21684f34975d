# class: timeout
# tool: mysql
# ecosystem: data
# step: Archive old calls
# needs: apt:mariadb-server apt:mariadb-client
# proof: ERROR 1969 (70100) at line 2: Query execution was interrupted (max_statement_time exceeded)
rm -rf /tmp/lab-maria-18161
install -d -o mysql -g mysql /tmp/lab-maria-18161
mariadb-install-db --no-defaults --user=mysql --datadir=/tmp/lab-maria-18161/data --auth-root-authentication-method=normal >/dev/null
timeout 60 mariadbd --no-defaults --user=mysql --datadir=/tmp/lab-maria-18161/data --bind-address=127.0.0.1 --port=18161 \
    --socket=/tmp/lab-maria-18161/s --pid-file=/tmp/lab-maria-18161/p >/dev/null 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10; do mariadb-admin --no-defaults -u root -S /tmp/lab-maria-18161/s ping >/dev/null 2>&1 && break || sleep 1; done
mariadb --no-defaults -u root -S /tmp/lab-maria-18161/s -e "CREATE DATABASE calls; CREATE USER 'app'@'%' IDENTIFIED BY 'app'; GRANT ALL ON calls.* TO 'app'@'%'; DELETE FROM mysql.global_priv WHERE User = ''; FLUSH PRIVILEGES"
printf 'SET SESSION max_statement_time = 2;\nSELECT sum(a.seq * b.seq) FROM seq_1_to_90000 a, seq_1_to_90000 b;\n' >archive.sql
#%% step
mysql --host=127.0.0.1 --port=18161 --user=app --password=app calls < archive.sql
