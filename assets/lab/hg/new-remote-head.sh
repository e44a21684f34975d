# class: deployment-failure
# tool: hg
# ecosystem: ci
# step: Push release branch
# needs: apt:mercurial
# proof: abort: push creates new remote head
export HGUSER='dev <dev@example.com>'
hg init ../origin
(cd ../origin && echo 1 >VERSION && hg commit -qAm 'Start')
hg clone -q ../origin .
(cd ../origin && echo 3 >CHANGES && hg commit -qAm 'Changes')
printf '[ui]\nusername = release <release@example.com>\n' >>.hg/hgrc
#%% step
echo 2 > VERSION
hg commit -m "Release 2"
hg push
