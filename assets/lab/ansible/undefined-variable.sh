# class: configuration-error
# tool: ansible
# ecosystem: cloud
# step: Render configuration
# needs: pip:ansible-core==2.19.4
# proof: 'tls_cert_path' is undefined
mkdir -p templates
printf 'listen 443 ssl;\nssl_certificate {{ tls_cert_path }};\n' >templates/site.conf.j2
cat >render.yml <<'END'
- name: Render the proxy's settings
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: Write site.conf
      ansible.builtin.template:
        src: templates/site.conf.j2
        dest: "{{ playbook_dir }}/site.conf"
        mode: "0644"
END
#%% step
ansible-playbook -i localhost, render.yml
