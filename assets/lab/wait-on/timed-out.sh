# class: timeout
# tool: wait-on
# ecosystem: node
# step: Wait for preview server
# needs: npm:wait-on@8.0.5
# proof: Error: Timed out waiting for: http://127.0.0.1:18160/
#%% step
wait-on --timeout 4000 http://127.0.0.1:18160/
