# class: timeout
# tool: ansible
# ecosystem: cloud
# step: Rebuild search index
# needs: pip:ansible-core==2.19.4
# proof: "msg": "Timeout exceeded"
cat >reindex.yml <<'END'
- name: Rebuild the index
  hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_async_dir: "{{ playbook_dir }}/.async"
  tasks:
    - name: Reindex
      ansible.builtin.command: sleep 40
      async: 10
      poll: 8
END
#%% step
ansible-playbook -i localhost, reindex.yml
