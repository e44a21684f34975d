# class: configuration-error
# tool: git
# ecosystem: ci
# step: Checkout submodules
# needs: apt:git
# proof: fatal: No url found for submodule path 'third_party/tide' in .gitmodules
export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
git init -q -b main ../tide
(cd ../tide && git commit -q --allow-empty -m 'Tide' )
git init -q -b main .
commit=$(git -C ../tide rev-parse HEAD)
git update-index --add --cacheinfo "160000,$commit,third_party/tide"
mkdir -p third_party/tide
git commit -qm 'Vendor tide'
#%% step
git submodule sync --recursive
git submodule update --init --recursive --depth=1
