# class: permission-error
# tool: git
# ecosystem: ci
# step: Push version bump
# needs: apt:git
# proof: remote: error: pushes to refs/heads/main need a review
# proof: (pre-receive hook declined)
export GIT_AUTHOR_NAME=release-bot GIT_AUTHOR_EMAIL=bot@example.com GIT_COMMITTER_NAME=release-bot GIT_COMMITTER_EMAIL=bot@example.com
git init -q --bare -b main ../origin.git
git init -q -b main .
git config user.name release-bot
git config user.email bot@example.com
git remote add origin "file://$(cd .. && pwd)/origin.git"
echo 1.9.9 >VERSION
git add . && git commit -qm 'Start' && git push -q origin main
cat >../origin.git/hooks/pre-receive <<'END'
#!/bin/sh
while read -r old new ref; do
    echo "error: pushes to $ref need a review: release-bot is not allowed to push" >&2
    exit 1
done
END
chmod +x ../origin.git/hooks/pre-receive
#%% step
echo 2.0.0 > VERSION
git commit -am "Version 2.0.0"
git push origin HEAD:main
