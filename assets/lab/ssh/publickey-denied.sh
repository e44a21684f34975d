# class: permission-error
# tool: ssh
# ecosystem: ci
# step: Deploy over SSH
# needs: apt:openssh-client apt:openssh-server
# proof: Permission denied (publickey).
mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f ../host_key
ssh-keygen -q -t ed25519 -N '' -f deploy_key
cat >../sshd_config <<END
ListenAddress 127.0.0.1:18105
HostKey $(cd .. && pwd)/host_key
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile $(cd .. && pwd)/authorized_keys
END
: >../authorized_keys
timeout 60 /usr/sbin/sshd -D -f "$(cd .. && pwd)/sshd_config" >/dev/null 2>&1 &
sleep 1
#%% step
ssh -i deploy_key -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=known_hosts \
    -p 18105 root@127.0.0.1 './bin/deploy --release 2024.6.1'
