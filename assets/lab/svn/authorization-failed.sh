# class: permission-error
# tool: svn
# ecosystem: ci
# step: Commit generated files
# needs: apt:subversion
# proof: svn: E170001: Authorization failed
svnadmin create ../repository
printf '[general]\nanon-access = read\nauth-access = write\n' >../repository/conf/svnserve.conf
timeout 60 svnserve --daemon --foreground --root "$(cd .. && pwd)" --listen-host 127.0.0.1 --listen-port 18180 >/dev/null 2>&1 &
sleep 1
svn checkout -q --non-interactive svn://127.0.0.1:18180/repository .
echo 2024.5 >VERSION
svn add -q VERSION
#%% step
svn commit --non-interactive -m "Version 2024.5" VERSION
