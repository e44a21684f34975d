# class: permission-error
# tool: redis-cli
# ecosystem: data
# step: Warm cache
# needs: apt:redis-server apt:redis-tools
# proof: NOAUTH Authentication required.
timeout 60 redis-server --port 18126 --bind 127.0.0.1 --save '' --requirepass right --dir /tmp >/dev/null 2>&1 &
sleep 1
#%% step
redis-cli -e -h 127.0.0.1 -p 18126 SET harbor:17:berths 40 EX 600
