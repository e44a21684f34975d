# class: configuration-error
# tool: aws
# ecosystem: cloud
# step: Sync assets
# needs: pip:awscli==1.42.70
# proof: Unable to locate credentials
mkdir dist
echo 1 >dist/version
#%% step
export AWS_DEFAULT_REGION=eu-north-1 AWS_EC2_METADATA_DISABLED=true
aws s3 cp dist/version s3://harbor-assets/version
