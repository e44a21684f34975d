# class: deployment-failure
# tool: git
# ecosystem: ci
# step: Publish documentation
# needs: apt:git
# proof: ! [rejected]        gh-pages -> gh-pages (fetch first)
# proof: Updates were rejected because the remote contains work that you do not
export GIT_AUTHOR_NAME=docs-bot GIT_AUTHOR_EMAIL=docs@example.com GIT_COMMITTER_NAME=docs-bot GIT_COMMITTER_EMAIL=docs@example.com
git init -q --bare -b gh-pages ../site.git
git init -q -b gh-pages .
git config user.name docs-bot
git config user.email docs@example.com
git remote add origin "file://$(cd .. && pwd)/site.git"
echo '<h1>Berth plans</h1>' >index.html
git add . && git commit -qm 'First pages' && git push -q origin gh-pages
git clone -q ../site.git ../other
(cd ../other && echo '<p>2.1</p>' >changes.html && git add . && git commit -qm 'Changes of 2.1' && git push -q origin gh-pages)
echo '<h1>Berth plans 2.2</h1>' >index.html
#%% step
git add --all
git commit -m "Pages of 2.2.0"
git push origin gh-pages
