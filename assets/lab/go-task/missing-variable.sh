# class: configuration-error
# tool: go-task
# ecosystem: ci
# step: Deploy
# needs: pip:go-task-bin==3.45.4
# proof: because it is missing required variables
cat >Taskfile.yml <<'END'
version: '3'
tasks:
  deploy:
    requires:
      vars: [ENVIRONMENT, RELEASE]
    cmds:
      - ./bin/deploy {{.ENVIRONMENT}} {{.RELEASE}}
END
#%% step
task deploy RELEASE=4.1.0
