# class: deployment-failure
# tool: ansible
# ecosystem: cloud
# step: Deploy with Ansible
# needs: pip:ansible-core==2.19.4
# proof: Status code was 503 and not [200]
cat >../api.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", 18147), Api).serve_forever()
END
timeout 120 python3 ../api.py >/dev/null 2>&1 &
mkdir releases
cat >deploy.yml <<'END'
- name: Deploy berth-api
  hosts: all
  gather_facts: false
  vars:
    release: 4.1.0
  tasks:
    - name: Unpack the release
      ansible.builtin.file:
        path: "{{ playbook_dir }}/releases/{{ release }}"
        state: directory
        mode: "0755"
    - name: Point current to the release
      ansible.builtin.file:
        src: "{{ playbook_dir }}/releases/{{ release }}"
        dest: "{{ playbook_dir }}/current"
        state: link
    - name: The service answers
      ansible.builtin.uri:
        url: http://127.0.0.1:18147/healthz
      register: health
      retries: 2
      delay: 1
      until: health.status == 200
END
printf 'app-01 ansible_connection=local ansible_python_interpreter=/usr/bin/python3\n' >hosts.ini
#%% step
ansible-playbook -i hosts.ini deploy.yml
