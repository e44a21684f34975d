# class: configuration-error
# tool: kubernetes-validate
# ecosystem: cloud
# step: Validate manifests
# needs: pip:kubernetes-validate==1.33.1
# proof: was unexpected
mkdir k8s
cat >k8s/api.yaml <<'END'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: berth-api
spec:
  replica: 3
  selector:
    matchLabels: {app: berth-api}
  template:
    metadata:
      labels: {app: berth-api}
    spec:
      containers:
        - name: api
          image: registry.harbor.example/berth-api:4.1.0
END
#%% step
kubernetes-validate --strict k8s/*.yaml
