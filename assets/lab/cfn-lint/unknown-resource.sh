# class: build-failure
# tool: cfn-lint
# ecosystem: cloud
# step: Lint templates
# needs: pip:cfn-lint==1.15.0
# proof: E3002
printf 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  Inbox:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueNames: inbox\n      VisibilityTimeout: soon\n' >queue.yml
#%% step
cfn-lint -r eu-central-1 -t queue.yml
