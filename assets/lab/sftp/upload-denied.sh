# class: permission-error
# tool: sftp
# ecosystem: ci
# step: Upload release
# needs: apt:openssh-client apt:openssh-server
# proof: Permission denied
mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f ../host_key
ssh-keygen -q -t ed25519 -N '' -f id_upload
cp id_upload.pub ../authorized_keys
cat >../sshd_config <<END
ListenAddress 127.0.0.1:18108
HostKey $(cd .. && pwd)/host_key
PidFile none
StrictModes no
PermitRootLogin yes
AuthorizedKeysFile $(cd .. && pwd)/authorized_keys
Subsystem sftp internal-sftp -R
END
timeout 60 /usr/sbin/sshd -D -f "$(cd .. && pwd)/sshd_config" >/dev/null 2>&1 &
sleep 1
head -c 2048 /dev/urandom >harbor-4.1.0.tar.gz
printf 'cd /tmp\nput harbor-4.1.0.tar.gz\nbye\n' >upload.batch
#%% step
sftp -i id_upload -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -P 18108 -b upload.batch root@127.0.0.1
