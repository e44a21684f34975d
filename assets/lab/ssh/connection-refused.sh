# class: network-error
# tool: ssh
# ecosystem: ci
# step: Restart service on host
# needs: apt:openssh-client
# proof: port 18104: Connection refused
#%% step
ssh -o StrictHostKeyChecking=no -p 18104 deploy@127.0.0.1 'sudo systemctl restart berth-api'
