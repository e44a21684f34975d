# class: resource-exhaustion
# tool: redis-cli
# ecosystem: data
# step: Load lookup tables
# needs: apt:redis-server apt:redis-tools
# proof: OOM command not allowed when used memory > 'maxmemory'.
timeout 60 redis-server --port 18127 --bind 127.0.0.1 --save '' --maxmemory 2mb --maxmemory-policy noeviction --dir /tmp >/dev/null 2>&1 &
sleep 1
seq 1 6000 | sed 's/.*/SET port:& "{\\"name\\":\\"port-&\\",\\"lat\\":53.5,\\"lon\\":9.9,\\"depth\\":12.5,\\"cranes\\":[1,2,3,4]}"/' >ports.redis
#%% step
redis-cli -e -h 127.0.0.1 -p 18127 < ports.redis | sort | uniq -c
