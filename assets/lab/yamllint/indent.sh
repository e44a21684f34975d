# class: build-failure
# tool: yamllint
# ecosystem: ci
# step: Lint YAML
# needs: pip:yamllint==1.35.1
# proof: wrong indentation: expected 4 but found 3
mkdir deploy
printf -- '---\nservices:\n  web:\n   image: web:1\n   ports: ["80:80"]\n  worker:\n    image: worker:1 \n' >deploy/stack.yml
#%% step
yamllint deploy
