# class: permission-error
# tool: ssh
# ecosystem: ci
# step: Run migrations on bastion
# needs: apt:openssh-client apt:openssh-server
# proof: UNPROTECTED PRIVATE KEY FILE!
# proof: This private key will be ignored.
mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f ../host_key
ssh-keygen -q -t ed25519 -N '' -f bastion.pem
mv bastion.pem.pub ../authorized_keys
chmod 644 bastion.pem
cat >../sshd_config <<END
ListenAddress 127.0.0.1:18106
HostKey $(cd .. && pwd)/host_key
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
AuthorizedKeysFile $(cd .. && pwd)/authorized_keys
END
timeout 60 /usr/sbin/sshd -D -f "$(cd .. && pwd)/sshd_config" >/dev/null 2>&1 &
sleep 1
#%% step
ssh -i bastion.pem -o IdentitiesOnly=yes -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=known_hosts -p 18106 root@127.0.0.1 ./migrate.sh
