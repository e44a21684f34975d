# class: configuration-error
# tool: serverless
# ecosystem: cloud
# step: Package functions
# needs: npm:serverless@3.40.0
# proof: Value not found at "env" source
cat >serverless.yml <<'END'
service: tide-alerts
frameworkVersion: '3'
provider:
  name: aws
  runtime: nodejs20.x
  region: eu-north-1
  environment:
    ALERT_TOPIC: ${env:ALERT_TOPIC_ARN}
functions:
  notify:
    handler: handler.notify
END
echo 'exports.notify = async () => {};' >handler.js
#%% step
serverless package --stage prod
