# class: build-failure
# tool: cfn-lint
# ecosystem: cloud
# step: Lint templates
# needs: pip:cfn-lint==1.41.0
# proof: E1012
# proof: E3002
cat >template.yaml <<'END'
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Manifests:
    Type: AWS::S3::Bucket
    Properties:
      BucketNam: harbor-manifests
  Api:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Ref ApiName
END
#%% step
cfn-lint template.yaml
