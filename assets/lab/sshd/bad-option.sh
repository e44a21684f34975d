# class: configuration-error
# tool: sshd
# ecosystem: os
# step: Check sshd configuration
# needs: apt:openssh-server
# proof: Bad configuration option: PermitRootLogn
# proof: terminating, 1 bad configuration options
mkdir -p /run/sshd
printf 'Port 2222\nPermitRootLogn no\nPasswordAuthentication no\n' >sshd_config
#%% step
/usr/sbin/sshd -t -f "$PWD/sshd_config"
