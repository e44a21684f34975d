# class: resource-exhaustion
# tool: redis-cli
# ecosystem: data
# step: Load lookup tables
# needs: apt:redis-server apt:redis-tools
# proof: OOM command not allowed when used memory > 'maxmemory'.
timeout 60 redis-server --port 18127 --bind 127.0.0.1 --save '' --maxmemory 2mb --maxmemory-policy noeviction --dir /tmp >/dev/null 2>&1 &
sleep 1
for shard in 0 1 2 3 4; do head -c 600000 /dev/urandom >"ports-$shard.msgpack"; done
#%% step
for shard in 0 1 2 3 4; do
    echo "loading ports-$shard"
    redis-cli -e -x -h 127.0.0.1 -p 18127 SET "ports:$shard" < "ports-$shard.msgpack"
done
