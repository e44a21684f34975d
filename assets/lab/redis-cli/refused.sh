# class: network-error
# tool: redis-cli
# ecosystem: data
# step: Wait for Redis
# needs: apt:redis-tools
# proof: Could not connect to Redis at 127.0.0.1:18128: Connection refused
#%% step
redis-cli -h 127.0.0.1 -p 18128 PING
