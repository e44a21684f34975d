# class: security-scan-failure
# tool: trufflehog
# ecosystem: ci
# step: Scan history for secrets
# needs: pip:trufflehog==2.2.1 apt:git
# proof: Reason: AWS API Key
export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
export GIT_AUTHOR_DATE='2024-05-02T10:00:00Z' GIT_COMMITTER_DATE='2024-05-02T10:00:00Z'
git init -q -b main .
echo 'region = eu-north-1' >upload.ini
git add . && git commit -qm 'Upload settings'
printf 'key = %s%s\n' AKIA IOSFODNN7EXAMPLE >>upload.ini
git add . && git commit -qm 'Try the upload'
echo 'region = eu-north-1' >upload.ini
git add . && git commit -qm 'Take the key out again'
#%% step
trufflehog --regex --entropy=False --branch main "file://$PWD"
