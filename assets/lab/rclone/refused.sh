# class: network-error
# tool: rclone
# ecosystem: cloud
# step: Back up reports
# needs: apt:rclone
# proof: connect: connection refused
mkdir reports
echo ok >reports/may.txt
#%% step
rclone copy reports :webdav:backups --webdav-url http://127.0.0.1:18163/dav --retries 1 --low-level-retries 2
