# class: network-error
# tool: ansible
# ecosystem: cloud
# step: Configure hosts
# needs: pip:ansible-core==2.19.4 apt:openssh-client
# proof: Failed to connect to the host via ssh
cat >site.yml <<'END'
- name: Harden the hosts
  hosts: bastions
  gather_facts: true
  tasks:
    - name: Drop old kernels
      ansible.builtin.command: /usr/local/sbin/drop-kernels
END
printf '[bastions]\nbastion-01 ansible_host=127.0.0.1 ansible_port=18148 ansible_user=ops\n' >hosts.ini
#%% step
ansible-playbook -i hosts.ini site.yml
