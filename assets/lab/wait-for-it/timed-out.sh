# class: timeout
# tool: wait-for-it
# ecosystem: ci
# step: Wait for database
# needs: apt:wait-for-it
# proof: wait-for-it: timeout occurred after waiting 4 seconds for 127.0.0.1:18171
#%% step
wait-for-it 127.0.0.1:18171 --timeout=4 --strict -- echo "database is up"
