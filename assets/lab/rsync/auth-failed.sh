# class: permission-error
# tool: rsync
# ecosystem: ci
# step: Sync site
# needs: apt:rsync
# proof: @ERROR: auth failed on module site
mkdir -p ../site public
echo '<p>tides</p>' >public/index.html
echo 'publisher:right' >../secrets
chmod 600 ../secrets
cat >../rsyncd.conf <<END
use chroot = no
[site]
path = $(cd .. && pwd)/site
read only = no
auth users = publisher
secrets file = $(cd .. && pwd)/secrets
END
timeout 60 rsync --daemon --no-detach --address 127.0.0.1 --port 18109 --config "$(cd .. && pwd)/rsyncd.conf" >/dev/null 2>&1 </dev/null &
sleep 1
echo stale >pass
chmod 600 pass
#%% step
rsync -az --delete --password-file=pass public/ rsync://publisher@127.0.0.1:18109/site/
