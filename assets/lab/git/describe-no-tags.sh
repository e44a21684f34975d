# class: configuration-error
# tool: git
# ecosystem: ci
# step: Compute version
# needs: apt:git
# proof: fatal: No names found, cannot describe anything.
export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
git init -q -b main ../origin
(cd ../origin && git commit -q --allow-empty -m 'Start' && git tag v1.0.0 && git commit -q --allow-empty -m 'Later')
git clone -q --depth=1 --no-tags "file://$(cd .. && pwd)/origin" .
#%% step
git log -1 --format='%h %s'
VERSION=$(git describe --tags --match 'v*')
echo "version=$VERSION" >> build.env
