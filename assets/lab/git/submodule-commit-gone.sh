# class: dependency-error
# tool: git
# ecosystem: ci
# step: Fetch submodules
# needs: apt:git
# proof: but it did not contain
# proof: not our ref
export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
git init -q -b main ../proto
(cd ../proto && echo 'syntax = "proto3";' >api.proto && git add . && git commit -qm 'API')
git init -q -b main .
git config protocol.file.allow always
git -c protocol.file.allow=always submodule --quiet add "file://$(cd .. && pwd)/proto" proto
git update-index --cacheinfo 160000,4f1c2a9b8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a,proto
git commit -qm 'API of tomorrow'
#%% step
git -c protocol.file.allow=always submodule update --init
