# class: timeout
# tool: ansible
# ecosystem: cloud
# step: Rebuild search index
# needs: pip:ansible-core==2.19.4
# proof: did not complete within the requested time - 4s
cat >reindex.yml <<'END'
- name: Rebuild the index
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: Reindex
      ansible.builtin.command: sleep 40
      async: 4
      poll: 1
END
#%% step
ansible-playbook -i localhost, reindex.yml
